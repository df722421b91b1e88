/** Where artifacts lie: a port that each kind of storage implements. */
import type { Readable, Writable } from 'node:stream';
import type { FileInfo } from '../../api/index.js';

/** Paths are relative, `/`-separated and checked (`checkPath`). */
export interface ArtifactRepository {
  /** Files and folders directly below `path`, by name; none when it is no folder. `path` of each is relative to the root. */
  list(path: string): Promise<FileInfo[]>;
  /** Throws RESOURCE_DOES_NOT_EXIST when nothing is there, INVALID_PARAMETER_VALUE for a folder. */
  open(path: string): Promise<ArtifactFile>;
  /**
   * Stores a stream under `path`, durably, all of it or nothing. `size`, in bytes, where it is known.
   * Throws INVALID_PARAMETER_VALUE where a folder is in the way.
   */
  write(path: string, body: Readable, size?: number): Promise<void>;
  /** Removes a file or a folder with all below it; nothing there is no error. */
  remove(path: string): Promise<void>;
  /** The ways past this server; undefined where the storage has none. */
  readonly direct?: DirectAccess;
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file as it was when it was opened. */
export interface ArtifactFile {
  /** Bytes. */
  readonly size: number;
  readonly lastModified: Date;
  /** Another one for other bytes; with its quotes. */
  readonly etag: string;
  /** Writes these bytes, at least one, and ends the destination; rejects when that goes away. In place of `read`. */
  send(range: ByteRange, destination: Writable): Promise<void>;
  /** At most once. */
  read(range?: ByteRange): Promise<Readable>;
  /** For a file that is not read; does nothing after it was. */
  close(): Promise<void>;
}

export interface UploadedPart {
  /** From 1. */
  readonly partNumber: number;
  readonly etag: string;
}

export interface SignedUrl {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** URLs at which clients store and fetch bytes themselves, without credentials, for a limited time. */
export interface DirectAccess {
  /** Begins an upload in parts: a URL for each part, in order. */
  createUpload(path: string, parts: number): Promise<{ uploadId: string; urls: string[] }>;
  completeUpload(path: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  abortUpload(path: string, uploadId: string): Promise<void>;
  /** One request stores the whole file; it must have the headers. */
  uploadUrl(path: string, seconds: number): Promise<SignedUrl>;
  /** `size` in bytes. Throws RESOURCE_DOES_NOT_EXIST. */
  downloadUrl(path: string, seconds: number): Promise<{ url: string; size: number }>;
}

/** Where artifacts lie: a port that each kind of storage implements. */
import type { Readable } from 'node:stream';
import type { FileInfo } from '../../api/index.js';

/** Paths are relative, `/`-separated and checked (`checkPath`). */
export interface ArtifactRepository {
  /** Files and folders directly below `path`, by name; none when it is no folder. `path` of each is relative to the root. */
  list(path: string): Promise<FileInfo[]>;
  /** Where the file is on this machine. Throws RESOURCE_DOES_NOT_EXIST when it is no file. */
  locate(path: string): Promise<string>;
  /** Stores a stream under `path`, durably, all of it or nothing. Throws INVALID_PARAMETER_VALUE where a folder is in the way. */
  write(path: string, body: Readable): Promise<void>;
  /** Removes a file or a folder with all below it; nothing there is no error. */
  remove(path: string): Promise<void>;
}

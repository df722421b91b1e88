/** A run in Node: the same, and artifacts from the file system. */
import { readdirSync, statSync } from 'node:fs';
import { basename, join, posix, relative, resolve, sep } from 'node:path';
import type { RunStatus } from '../../api/index.js';
import { Run as AnyRun } from '../content-run.js';
import type { StoredContent } from '../entries.js';
import type { Flushed } from '../journal.js';
import type { LoggedModelInfo, LogModelOptions } from '../models/log-model.js';
import type { RunParts } from '../run.js';
import { storeContent } from './files.js';
import { modelOf } from './models/source.js';
import type { Staging } from './staging.js';

export interface NodeRunParts extends RunParts {
  readonly staging: Staging;
}

export class Run extends AnyRun {
  readonly #staging: Staging;
  readonly #endings: (() => void)[] = [];

  constructor(parts: NodeRunParts) {
    super(parts);
    this.#staging = parts.staging;
  }

  /** Has something done when the run ends, while it can still be logged to. */
  beforeEnd(action: () => void): void {
    this.#endings.push(action);
  }

  override markEnded(status: RunStatus, error?: unknown): void {
    for (const action of this.#endings.splice(0)) action();
    super.markEnded(status, error);
  }

  /** Logs a file under its own name, into `folder` below the run's artifacts when that is given. It is copied before this returns. */
  logArtifact(file: string, folder = ''): void {
    this.safely(() => this.#logFile(file, posix.join(folder, basename(resolve(file)))));
  }

  /** Logs every file below a directory. */
  logArtifacts(directory: string, folder = ''): void {
    this.safely(() => {
      for (const entry of this.#filesBelow(directory)) {
        const path = relative(directory, entry).split(sep).join('/');
        this.#logFile(entry, posix.join(folder, path));
      }
    });
  }

  /**
   * Logs an ONNX model, its bytes or its file's path: a logged model of MLflow 3, or a folder below the run where the server is older. A
   * file is streamed, with the files of its weights, which lie beside it. The model is with the server when the promise resolves. It
   * rejects when it is no ONNX model or the server refuses it; whoever does not wait is told as of other problems. Where the server cannot
   * be reached it rejects with TEMPORARILY_UNAVAILABLE, and the model's folder is recorded as artifacts of the run.
   */
  override logModel(model: Uint8Array | string, options: LogModelOptions = {}): Promise<LoggedModelInfo> {
    return this.logModelFrom(() => modelOf(model), options, storeContent);
  }

  protected override logStored(content: StoredContent, path: string): void {
    if (content instanceof Uint8Array) this.logBytes(content, path);
    else this.safely(() => this.#logFile(content.file, path));
  }

  /** How far its delivery is now. */
  get outcome(): Flushed {
    return this.journal.outcome;
  }

  /** Whether waiting without the event loop is over, or would not help. */
  get isSettled(): boolean {
    return !this.journal.mayArrive;
  }

  #filesBelow(directory: string): string[] {
    try {
      const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    } catch (error) {
      this.#unreadable(directory, error);
      return [];
    }
  }

  #logFile(file: string, path: string): void {
    let content: StoredContent;
    try {
      if (!statSync(file).isFile()) throw new Error('it is no file');
      content = this.#staging.keep(file);
    } catch (error) {
      this.#unreadable(file, error);
      return;
    }
    this.journal.append({ kind: 'artifact', path, content });
  }

  #unreadable(path: string, error: unknown): void {
    this.problems.tell('file', `Cannot read '${path}', which was to be logged: ${(error as Error).message}`, path);
  }
}

/** A run with all that can be logged to it: what `run.ts` records, and tables, pictures, datasets and models in MLflow's formats. */

import { MltrackError, type RunStatus } from '../api/index.js';
import { type DatasetOptions, datasetInput } from './content/dataset.js';
import { dictText } from './content/dict.js';
import { type ImageInput, type ImageOptions, logImage } from './content/image.js';
import { logTable, type TableData } from './content/table.js';
import { type LoggedContent, loggedContent } from './content/target.js';
import type { StoredContent } from './entries.js';
import type { Flushed } from './journal.js';
import { type ModelSource, modelFolder } from './models/folder.js';
import {
  type LoggedModelInfo,
  type LogModelOptions,
  logModel,
  MODEL_NAME,
  modelOfBytes,
  type PutArtifact,
} from './models/log-model.js';
import type { ProblemKind } from './problems.js';
import { Run as PlainRun } from './run.js';

export class Run extends PlainRun {
  /** What is still being made of what was logged: `flush` and `end` wait for it. */
  readonly #making = new Set<Promise<unknown>>();

  /** Stores a value as YAML where the path ends in `.yaml` or `.yml`, else as JSON. */
  override logDict(value: unknown, path: string): void {
    this.safely(() => this.logBytes(dictText(value, path), path), `'${path}'`);
  }

  /**
   * Logs columns or rows as a table in the artifact `file`, which ends in `.json`; rows are added where the run has this table. The
   * promise says when it is recorded, and never rejects.
   */
  logTable(data: TableData, file: string): Promise<void> {
    return this.#make(`The table '${file}'`, () => logTable(this, data, file, this.#logged()));
  }

  /**
   * Logs a picture: the bytes of a PNG, JPEG, GIF or WebP file, a canvas, or an array with its shape; as a file, or as the step of a
   * key. The promise says when it is recorded, and never rejects.
   */
  logImage(image: ImageInput, options: ImageOptions | string): Promise<void> {
    const of = typeof options === 'object' ? (options?.file ?? options?.key) : options;
    return this.#make(`The picture '${of}'`, () => logImage(this, image, options));
  }

  /** Logs what the run was trained or evaluated on. */
  logInput(dataset: DatasetOptions): void {
    this.safely(() => this.send('logInputs', { datasets: [datasetInput(dataset)] }));
  }

  /**
   * Logs an ONNX model: a logged model of MLflow 3, or a folder below the run where the server is older. It is with the server when the
   * promise resolves. The promise rejects when it is no ONNX model or the server refuses it; whoever does not wait is told as of other
   * problems. Where the server cannot be reached it rejects with TEMPORARILY_UNAVAILABLE, and the model's folder is recorded as artifacts
   * of the run, which arrive as all that is recorded does.
   */
  logModel(model: Uint8Array, options: LogModelOptions = {}): Promise<LoggedModelInfo> {
    return this.logModelFrom(async () => modelOfBytes(model), options);
  }

  protected logModelFrom(
    open: () => Promise<ModelSource>,
    options: LogModelOptions,
    put?: PutArtifact,
  ): Promise<LoggedModelInfo> {
    const logging = (async () => {
      const source = await open();
      try {
        return await logModel(this.client, await this.info(), source, options, put);
      } catch (error) {
        if (!(error instanceof MltrackError) || error.code !== 'TEMPORARILY_UNAVAILABLE') throw error;
        throw this.#recordedInstead(source, options, error);
      }
    })();
    this.waitFor(logging.catch((error) => this.#tell(error)));
    return logging;
  }

  #recordedInstead(source: ModelSource, options: LogModelOptions, cause: MltrackError): MltrackError {
    const name = options.name ?? MODEL_NAME;
    const { files } = modelFolder(source, options, { artifactPath: name });
    for (const { path, content } of files) this.logStored(content, `${name}/${path}`);
    const message = `The model is recorded as artifacts of the run, at ${name}: ${cause.message}`;
    return new MltrackError(cause.code, message, { cause });
  }

  /** Records what a model's file is made of. */
  protected logStored(content: StoredContent, path: string): void {
    if (content instanceof Uint8Array) this.logBytes(content, path);
  }

  override async flush(timeout?: number): Promise<Flushed> {
    await this.made(timeout);
    return super.flush(timeout);
  }

  override async end(status?: RunStatus): Promise<void> {
    await this.made();
    await super.end(status);
  }

  /** A run that was made here has nothing that was not logged here. */
  #logged(): LoggedContent | undefined {
    if (this.start.run_id === undefined) return undefined;
    const server = async () => loggedContent(this.client, await this.info());
    return { text: async (path) => (await server()).text(path), tag: async (key) => (await server()).tag(key) };
  }

  #make(what: string, body: () => Promise<void>): Promise<void> {
    if (this.ended) {
      this.safely(() => {});
      return Promise.resolve();
    }
    const making = body().catch((error) => this.#tell(error, `${what} is not logged: `));
    this.waitFor(making);
    return making;
  }

  /** Has `flush` and `end` wait for something that is to be logged yet and never rejects. */
  waitFor(making: Promise<unknown>): void {
    this.#making.add(making);
    making.then(() => this.#making.delete(making));
  }

  #tell(error: unknown, before = ''): void {
    const message = before + (error instanceof Error ? error.message : String(error));
    this.problems.tell(kindOf(error), message, message.slice(0, 40));
  }

  override async made(timeout = this.flushTimeout): Promise<void> {
    if (this.#making.size === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, timeout);
    });
    await Promise.race([Promise.all(this.#making), late]);
    clearTimeout(timer);
  }
}

function kindOf(error: unknown): ProblemKind {
  if (!(error instanceof MltrackError) || error.code === 'INVALID_PARAMETER_VALUE') return 'bad-value';
  return error.code === 'TEMPORARILY_UNAVAILABLE' ? 'unreachable' : 'refused';
}

/** The methods as functions that log to the active run. */
export function contentFunctions<R extends Run>(
  current: () => R,
): Pick<R, 'logTable' | 'logImage' | 'logInput' | 'logModel'> {
  return {
    logTable: (data, file) => current().logTable(data, file),
    logImage: (image, options) => current().logImage(image, options),
    logInput: (dataset) => current().logInput(dataset),
    logModel: (model, options) => current().logModel(model, options),
  } as Pick<Run, 'logTable' | 'logImage' | 'logInput' | 'logModel'>;
}

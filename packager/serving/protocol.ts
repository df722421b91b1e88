/** What the front thread and a worker say to each other. Bodies are transferred, not copied. */
import type { ModelDescription } from '../mlmodel.js';
import type { Dialect } from './codecs/dialect.js';

/** The worker's `workerData`. */
export interface WorkerSetup {
  readonly model: ModelDescription;
  /** Threads within one operator; 0 for onnxruntime's default, all cores. */
  readonly intraOpThreads: number;
}

export interface Job {
  readonly dialect: Dialect;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface JobReply {
  readonly status: number;
  /** JSON. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export type FromWorker =
  | { readonly event: 'loaded' }
  /** The model does not load: the reason, in one line. */
  | { readonly event: 'failed'; readonly reason: string }
  | { readonly event: 'reply'; readonly reply: JobReply };

/** What the front thread (a list of jobs) and a worker say to each other. Bodies are transferred, not copied. */

import type { TensorInfo } from '../../../client/onnx/graph.js';
import type { ModelDescription } from '../../mlmodel.js';
import type { Dialect } from '../codecs/dialect.js';
import type { ReplyType } from '../codecs/reply-type.js';
import type { Provider } from '../probing/provider.js';
import type { Batching } from '../probing/row-probe.js';
import type { OutputTensorInfo } from '../tensor.js';

/** The worker's `workerData`. */
export interface WorkerSetup {
  readonly model: ModelDescription;
  readonly provider: Provider;
  /** Threads within one operator. */
  readonly intraOpThreads: number;
  /** Whether to find out if requests may share a run. */
  readonly probe: boolean;
}

export interface Job {
  readonly dialect: Dialect;
  /** What the reply is to be, where the dialect leaves that open. */
  readonly accept: ReplyType;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface JobReply {
  readonly status: number;
  /** The body's media type. */
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

export type FromWorker =
  | {
      readonly event: 'loaded';
      readonly batching: Batching | undefined;
      readonly inputs: readonly TensorInfo[];
      readonly outputs: readonly OutputTensorInfo[];
    }
  /** The model does not load: the reason, in one line. */
  | { readonly event: 'failed'; readonly reason: string }
  /** One reply to each job of a message, in its order; `joined` of them shared a run with another. */
  | { readonly event: 'replies'; readonly replies: readonly JobReply[]; readonly joined: number };

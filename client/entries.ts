/** What is recorded of a run, in order: the entries that a journal keeps and a delivery sends. */
import type { ApiCalls, KeyValue, Metric, RunStatus } from '../api/index.js';

export type ParamValue = string | number | boolean | bigint;

/** What an artifact is made of. */
export type Content = string | ArrayBuffer | ArrayBufferView;

/** Endpoints that may be called twice with the same outcome, and so may go through the journal. */
export type RepeatableEndpoint = 'logInputs' | 'logOutputs' | 'deleteTag';

export type RunRequest<E extends RepeatableEndpoint> = Omit<Parameters<ApiCalls[E]>[0], 'run_id' | 'run_uuid'>;

/** A value as JSON writes it: "NaN", "Infinity" and "-Infinity" are strings, and so are digits that a number does not hold. */
export type WireMetric = Pick<Metric, 'key'> & {
  value: number | string;
  timestamp: number | string;
  step: number | string;
};

/** Bytes in memory, or a file that the journal owns. */
export type StoredContent = Uint8Array<ArrayBuffer> | { readonly file: string };

export interface MetricsEntry {
  readonly kind: 'metrics';
  readonly metrics: WireMetric[];
}
export interface ParamsEntry {
  readonly kind: 'params';
  readonly params: KeyValue[];
}
export interface TagsEntry {
  readonly kind: 'tags';
  readonly tags: KeyValue[];
}
export interface ArtifactEntry {
  readonly kind: 'artifact';
  readonly path: string;
  readonly content: StoredContent;
}
export interface CallEntry {
  readonly kind: 'call';
  readonly endpoint: RepeatableEndpoint;
  readonly request: Record<string, unknown>;
}
export interface EndEntry {
  readonly kind: 'end';
  readonly status: RunStatus;
  readonly end_time: number;
}
/** No more than a batch of MLflow's holds: 1,000 metrics, 100 params, 100 tags. */
export type Entry = MetricsEntry | ParamsEntry | TagsEntry | ArtifactEntry | CallEntry | EndEntry;

/** How a run begins. */
export interface RunStart {
  readonly local_id: string;
  /** Of a run that exists and goes on. */
  readonly run_id?: string;
  /** Created when missing. */
  readonly experiment?: string;
  readonly experiment_id?: string;
  readonly name?: string;
  readonly parent_run_id?: string;
  /** Of a parent whose run id is not known here yet. */
  readonly parent_local_id?: string;
  /** ms since the epoch. */
  readonly start_time: number;
  readonly tags: readonly KeyValue[];
}

export const ERROR_TAG = 'mltrack.error';

export function wireNumber(value: number | bigint): number | string {
  return typeof value === 'number' && Number.isFinite(value) ? value : String(value);
}

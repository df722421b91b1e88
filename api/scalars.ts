/** Enumerations and small messages that several resources share. Numbers are those of MLflow's `service.proto`. */
import { emptyOk, enumeration, message, required, string } from './schema.js';

export const RUN_STATUS = { RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 } as const;
export type RunStatus = keyof typeof RUN_STATUS;

export const VIEW_TYPE = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 } as const;
export type ViewType = keyof typeof VIEW_TYPE;
export const viewType = () => enumeration(VIEW_TYPE);

export type LifecycleStage = 'active' | 'deleted';

/** A key with a value that may be empty: params and tags of every noun. */
export const KeyValue = message('KeyValue', { key: required(string()), value: emptyOk() });
export interface KeyValue {
  key: string;
  value: string;
}

export const Empty = message('Empty', {});

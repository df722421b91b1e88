/** What the server tells those who listen, as server-sent events. A route of its own: its answer is no message but a stream of them. */

/** Below a prefix; see docs/rest.md. */
export const EVENTS_PATH = '/2.0/mltrack/events';

export type RunChangeKind = 'created' | 'changed' | 'ended' | 'deleted' | 'restored';

export interface ChangedRun {
  readonly run_id: string;
  readonly experiment_id: string;
  /** A run that is new in a message is `created`, whatever else happened to it. */
  readonly change: RunChangeKind;
  /** Keys that got values, up to 100; absent when there are none. */
  readonly metrics?: readonly string[];
  readonly more_metrics?: true;
}

/** The data of the event `runs`. */
export interface RunsEvent {
  readonly runs: readonly ChangedRun[];
  /** Registered models or their versions changed. */
  readonly registry?: true;
}

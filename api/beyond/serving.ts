/** Trying a model: what it takes and gives, and predictions by a process that the server starts for it. Routes of their own: a request’s body is the model’s. */

/** Below a prefix, both with the parameter `model_uri`; see docs/rest.md. */
export const DESCRIBE_PATH = '/2.0/mltrack/serving/describe';
export const INVOCATIONS_PATH = '/2.0/mltrack/serving/invocations';

/** One input or output of a signature. */
export interface ServingSpec {
  readonly kind: 'tensor' | 'column';
  readonly name?: string | undefined;
  /** numpy's name of a tensor's element type, MLflow's of a column's. */
  readonly type: string;
  /** A tensor's, -1 where an axis is free. */
  readonly shape?: readonly number[] | undefined;
  /** False for a column that a request may leave out. */
  readonly required: boolean;
}

export interface ServingParam {
  readonly name: string;
  readonly type: string;
  readonly default: unknown;
  readonly shape?: readonly number[] | undefined;
}

export interface ServingDescription {
  readonly model_uri: string;
  readonly flavors: readonly string[];
  /** Empty when the model has no signature. */
  readonly inputs: readonly ServingSpec[];
  readonly outputs: readonly ServingSpec[];
  readonly params: readonly ServingParam[];
  /** A request's body, as the model was logged with one. */
  readonly input_example?: unknown;
  readonly can_try: boolean;
  /** Present when it cannot be tried. */
  readonly why_not?: string;
  /** Its process is there: the next prediction does not wait for a start. */
  readonly is_running: boolean;
}

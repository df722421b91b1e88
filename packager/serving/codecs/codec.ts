/** What a dialect's codec is: bytes of a request to a payload, outputs of the graph to the text of the reply. */
import type { Frame } from '../frame.js';
import type { InferenceForm } from '../open-inference/binding.js';
import type { InferenceRequest } from '../open-inference/request.js';
import type { Output, Tensor } from '../tensor.js';

/** What a request feeds, before it meets the model. Values are JSON's, with bigints for long integers. */
export type Payload =
  /** A value for the only input. */
  | { readonly kind: 'tensor'; readonly value: unknown }
  /** A value for each input, by name. */
  | { readonly kind: 'tensors'; readonly values: Readonly<Record<string, unknown>> }
  /** An array with a type of its own, for the only input. */
  | { readonly kind: 'array'; readonly array: Tensor }
  /** Arrays for inputs by name, and what is wanted in return. */
  | { readonly kind: 'inference'; readonly request: InferenceRequest }
  /** A table, to be laid out as `mlflow.onnx` does. */
  | { readonly kind: 'frame'; readonly frame: Frame };

/** How MLflow would hold the prediction: a dictionary of arrays, or a DataFrame. Or how an inference request wants it. */
export type ReplyForm = 'object' | 'records' | InferenceForm;

export interface Reply {
  readonly outputs: readonly Output[];
  readonly form: ReplyForm;
  /** Rows of the request's frame; undefined when it had none. */
  readonly rows: number | undefined;
}

export interface Codec<D> {
  /** Throws BAD_REQUEST with the reason for a body that is not in the dialect. */
  decode(body: Uint8Array, dialect: D): Payload;
  /** The reply as JSON. Throws BAD_REQUEST when the outputs do not fit the dialect's form. */
  encode(reply: Reply): string;
}

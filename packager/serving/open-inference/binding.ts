/** What an inference request means to a model. Its tensors must be of the model's own types: this protocol names them, and nothing is cast. */
import { invalid } from '../../../api/errors.js';
import { matches, wrongShape } from '../cast.js';
import { names } from '../frame.js';
import type { Call, Interface } from '../pyfunc.js';
import type { Tensor } from '../tensor.js';
import { DATATYPES } from './datatype.js';
import type { InferenceRequest } from './request.js';

/** How an inference is answered. */
export interface InferenceForm {
  /** The request's. */
  readonly id: string | undefined;
  /** Places among the model's outputs, in the order of the answer, and whether each is answered as bytes. */
  readonly outputs: readonly { readonly index: number; readonly binary: boolean }[];
}

/** Throws INVALID_PARAMETER_VALUE for inputs or outputs that the model has not, or not so. */
export function bindInference(request: InferenceRequest, model: Interface): Call {
  const known = model.inputs.map(({ name }) => name);
  for (const name of request.inputs.keys()) {
    if (!known.includes(name)) throw invalid(`The model has no input '${name}'. Its inputs: ${names(known)}.`);
  }
  const feeds = model.inputs.map((input): [string, Tensor] => {
    const tensor = request.inputs.get(input.name);
    if (!tensor) throw invalid(`Model is missing inputs ${names([input.name])}.`);
    if (tensor.type !== input.type) {
      throw invalid(
        `The datatype of input '${input.name}' is ${DATATYPES[input.type]}. Got ${DATATYPES[tensor.type]}.`,
      );
    }
    if (!matches(tensor.dims, input.shape)) throw wrongShape(tensor.dims, input);
    return [input.name, tensor];
  });
  return { feeds: Object.fromEntries(feeds), form: formOf(request, model), rows: undefined };
}

function formOf({ id, outputs, binary }: InferenceRequest, model: Interface): InferenceForm {
  const known = model.outputs.map(({ name }) => name);
  const wanted = outputs ?? known.map((name) => ({ name, binary }));
  return {
    id,
    outputs: wanted.map((output) => {
      const index = known.indexOf(output.name);
      if (index === -1) throw invalid(`The model has no output '${output.name}'. Its outputs: ${names(known)}.`);
      return { index, binary: output.binary };
    }),
  };
}

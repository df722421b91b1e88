/** The reply to an inference request: JSON, and after it the outputs that are wanted as bytes. `request.ts` names the sources. */
import { concat } from '../../../client/onnx/wire.js';
import { elements } from '../codecs/write-json.js';
import type { JobReply } from '../engine/protocol.js';
import { bytesOf, type NumericArray, type Output, type Tensor } from '../tensor.js';
import type { InferenceForm } from './binding.js';
import { DATATYPES, labelParameters } from './datatype.js';

/** The only one there is. */
export const MODEL_VERSION = '1';

/** `model`: its name. */
export function writeInferenceReply(outputs: readonly Output[], form: InferenceForm, model: string): JobReply {
  const parts: Uint8Array[] = [];
  const written = form.outputs.map(({ index, binary }) => {
    const { name, tensor, labels } = outputs[index] as Output;
    const bytes = binary ? binaryOf(tensor) : undefined;
    if (bytes) parts.push(bytes);
    const parameters = { ...(labels && labelParameters(labels)), ...(bytes && { binary_data_size: bytes.length }) };
    const head = JSON.stringify({
      name,
      datatype: DATATYPES[tensor.type],
      shape: tensor.dims,
      ...(Object.keys(parameters).length > 0 && { parameters }),
    });
    return bytes ? head : `${head.slice(0, -1)},"data":[${elements(tensor).join(',')}]}`;
  });
  const head = JSON.stringify({
    model_name: model,
    model_version: MODEL_VERSION,
    ...(form.id !== undefined && { id: form.id }),
  });
  const json = encoder.encode(`${head.slice(0, -1)},"outputs":[${written.join(',')}]}`);
  if (parts.length === 0) return { status: 200, type: 'application/json', body: json };
  const headers = { 'Inference-Header-Content-Length': String(json.length) };
  // The only copy of an output: its own memory is onnxruntime's, or that of a batch, and cannot leave this thread.
  return { status: 200, type: 'application/octet-stream', headers, body: concat([json, ...parts]) };
}

const encoder = new TextEncoder();

function binaryOf({ type, data }: Tensor): Uint8Array {
  if (type !== 'string') return bytesOf(data as NumericArray);
  return concat(
    (data as string[]).flatMap((text) => {
      const bytes = encoder.encode(text);
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, bytes.length, true);
      return [length, bytes];
    }),
  );
}

/** Requests in the dialects that the servers speak, and the numbers in their answers. */
import { type Answer, ok, rawRequest, request } from '../load.js';
import type { Batch, Outputs } from './models.js';

/** How numbers are written in JSON: with few digits, as in a CSV of real data, or with all that a float32 has as a double. */
export type Digits = 'short' | 'full';

export interface Dialect {
  /** A whole HTTP request. */
  request(batch: Batch, digits: Digits): Buffer;
  /** Throws when the answer is not 200. */
  outputs(answer: Answer): Outputs;
}

const doubles = ({ values }: Batch, digits: Digits) =>
  digits === 'full' ? Array.from(values, Math.fround) : Array.from(values);

/** MLflow's: `POST /invocations` with a list of rows. The Express server speaks it too. */
export const invocations: Dialect = {
  request(batch, digits) {
    const [count, width] = batch.shape;
    const flat = doubles(batch, digits);
    const inputs = Array.from({ length: count }, (_, row) => flat.slice(row * width, (row + 1) * width));
    return request('POST', '/invocations', { inputs });
  },
  outputs(answer) {
    const { predictions } = JSON.parse(ok(answer).body.toString()) as { predictions: Record<string, unknown[]> };
    return Object.fromEntries(Object.entries(predictions).map(([name, list]) => [name, list.flat().map(Number)]));
  },
};

const v2Path = '/v2/models/model/infer';
const v2Input = ({ shape }: Batch) => ({ name: 'input', shape, datatype: 'FP32' });

interface V2Reply {
  outputs: { name: string; datatype: string; data?: number[]; parameters?: { binary_data_size?: number } }[];
}

/** The Open Inference Protocol, version 2, with JSON. */
export const v2: Dialect = {
  request(batch, digits) {
    return request('POST', v2Path, { inputs: [{ ...v2Input(batch), data: doubles(batch, digits) }] });
  },
  outputs(answer) {
    const { outputs } = JSON.parse(ok(answer).body.toString()) as V2Reply;
    return Object.fromEntries(outputs.map(({ name, data }) => [name, data!]));
  },
};

/** The same with its binary tensor extension: a JSON head, then the tensors' bytes, both ways. */
export const v2Binary: Dialect = {
  request(batch) {
    const data = Buffer.from(Float32Array.from(batch.values).buffer);
    const input = { ...v2Input(batch), parameters: { binary_data_size: data.length } };
    const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
    return rawRequest('POST', v2Path, Buffer.concat([head, data]), {
      'Content-Type': 'application/octet-stream',
      'Inference-Header-Content-Length': String(head.length),
    });
  },
  outputs(answer) {
    const { head, body } = ok(answer);
    const headLength = Number(/\r\ninference-header-content-length: *(\d+)/i.exec(head)?.[1] ?? body.length);
    const { outputs } = JSON.parse(body.toString('utf8', 0, headLength)) as V2Reply;
    let at = headLength;
    const read = ({ name, datatype, data, parameters }: V2Reply['outputs'][number]) => {
      if (data) return [name, data];
      const bytes = Uint8Array.from(body.subarray(at, at + parameters!.binary_data_size!));
      at += bytes.length;
      return [
        name,
        Array.from(datatype === 'INT64' ? new BigInt64Array(bytes.buffer) : new Float32Array(bytes.buffer), Number),
      ];
    };
    return Object.fromEntries(outputs.map(read));
  },
};

/** The Express server that is compared: what its author would write to serve one ONNX model, and no more. Arguments: PORT MODEL.onnx. */
import express from 'express';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [port, file] = process.argv.slice(2);
const session = await InferenceSession.create(file!);
const input = session.inputNames[0]!;

/** Rows of numbers, or plain numbers where a row is one. */
function listOf({ data, dims }: Tensor): unknown[] {
  const flat = Array.from(data as Float32Array | BigInt64Array, Number);
  if (dims.length === 1) return flat;
  const width = dims[1]!;
  return Array.from({ length: dims[0]! }, (_, row) => flat.slice(row * width, (row + 1) * width));
}

const app = express();
app.get('/ping', (_req, res) => void res.send('\n'));
app.post('/invocations', express.json({ limit: '100mb' }), async (req, res) => {
  const rows: number[][] = req.body.inputs;
  const data = Float32Array.from(rows.flat());
  const results = await session.run({ [input]: new Tensor('float32', data, [rows.length, rows[0]!.length]) });
  res.json({
    predictions: Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, listOf(tensor)])),
  });
});
app.listen(Number(port), '127.0.0.1');

/**
 * The raw session loop: a thread a core, each running one batch after the other, without HTTP or JSON.
 * Arguments: MODEL.onnx ROWS.f64 BATCH MILLISECONDS. Prints {"batches", "wallMs"}.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';

interface Setup {
  model: string;
  rows: string;
  batch: number;
  ms: number;
}

async function loop({ model, rows, batch, ms }: Setup): Promise<void> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const bytes = readFileSync(rows);
  const shape = session.inputMetadata[0]!;
  const width = Number(shape.isTensor && shape.shape[1]);
  const values = new Float32Array(new Float64Array(bytes.buffer, bytes.byteOffset, batch * width));
  const run = () => session.run({ [session.inputNames[0]!]: new Tensor('float32', values, [batch, width]) });
  const runFor = async (time: number): Promise<number> => {
    let batches = 0;
    for (const end = performance.now() + time; performance.now() < end; batches++) await run();
    return batches;
  };
  await runFor(ms / 4);
  parentPort!.once('message', async () => parentPort!.postMessage(await runFor(ms)));
  parentPort!.postMessage('ready');
}

if (isMainThread) {
  const [model, rows, batch, ms] = process.argv.slice(2) as [string, string, string, string];
  const setup: Setup = { model, rows, batch: Number(batch), ms: Number(ms) };
  const threads = Array.from(
    { length: availableParallelism() },
    () => new Worker(fileURLToPath(import.meta.url), { workerData: setup }),
  );
  const messages = () =>
    Promise.all(threads.map((thread) => new Promise<unknown>((resolve) => thread.once('message', resolve))));
  await messages();
  const began = performance.now();
  for (const thread of threads) thread.postMessage('go');
  const batches = (await messages()) as number[];
  const wallMs = performance.now() - began;
  console.log(JSON.stringify({ batches: batches.reduce((sum, each) => sum + each, 0), wallMs }));
  process.exit();
} else {
  await loop(workerData as Setup);
}

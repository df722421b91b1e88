/** A thread with one session of its own: takes some jobs, answers them, takes the next. */
import { parentPort, workerData } from 'node:worker_threads';
import { answer, probeBatching } from './answer.js';
import type { FromWorker, Job, WorkerSetup } from './protocol.js';
import { firstLine, load, warmUp } from './session.js';

const port = parentPort;
if (!port) throw new Error('This file runs as a worker thread.');
const say = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const setup = workerData as WorkerSetup;
try {
  const model = await load(setup.model, setup.provider, setup.intraOpThreads);
  await warmUp(model);
  const batching = setup.probe ? await probeBatching(model, setup.model.example) : undefined;
  port.on('message', async (jobs: readonly Job[]) => {
    const { replies, joined } = await answer(model, jobs);
    const bodies = replies.map(({ body }) => body.buffer);
    say({ event: 'replies', replies, joined }, bodies);
  });
  say({ event: 'loaded', batching, inputs: model.inputs, outputs: model.outputs });
} catch (error) {
  say({ event: 'failed', reason: firstLine(error) });
}

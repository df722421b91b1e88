/** `models serve` under its supervisor: a crash is over within about a second, and an end is an end. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ModelServer, modelFolder, modelPath, serveModel } from '../model-server.js';

const MODEL = modelPath('d_ort_mul_1');
const BODY = {
  inputs: [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
};

/** The serving process: the supervisor's only child. */
function servingProcess(server: ModelServer): number {
  const { pid } = server.process;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  expect(children).toHaveLength(1);
  return Number(children[0]);
}

const isAlive = (pid: number) => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

/** Milliseconds until a request is answered again. */
async function recovery(server: ModelServer): Promise<number> {
  const start = performance.now();
  await expect
    .poll(
      () =>
        server.post(BODY).then(
          ({ status }) => status,
          () => 0,
        ),
      { interval: 10, timeout: 20_000 },
    )
    .toBe(200);
  return performance.now() - start;
}

test.each(['SIGSEGV', 'SIGKILL', 'SIGABRT'] as const)(
  'a serving process that dies of %s is replaced',
  async (signal) => {
    const server = await serveModel(MODEL);
    const answer = await server.predict(BODY);
    for (const _ of [1, 2]) {
      const before = servingProcess(server);
      process.kill(before, signal);
      // The promise is a second; the margin is for machines that do other things too.
      expect(await recovery(server)).toBeLessThan(4000);
      expect(servingProcess(server)).not.toBe(before);
      expect(await server.predict(BODY)).toEqual(answer);
    }
    expect(server.log()).toContain(`mltrack: the serving process ended (${signal}), starting another`);
    const last = servingProcess(server);
    expect(await server.stop()).toBe(0);
    expect(isAlive(last)).toBe(false);
  },
);

test('a serving process whose supervisor is killed ends by itself', async () => {
  const server = await serveModel(MODEL);
  const orphan = servingProcess(server);
  server.process.kill('SIGKILL');
  await server.exited;
  await expect.poll(() => isAlive(orphan), { timeout: 10_000 }).toBe(false);
});

test('a model that no longer loads is not tried again and again', async () => {
  const folder = await modelFolder({ 'model.onnx': readFileSync(`${MODEL}/model.onnx`) });
  const server = await serveModel(folder.path);
  const serving = servingProcess(server);
  await folder.remove();
  process.kill(serving, 'SIGSEGV');
  expect(await server.exited).toBe(1);
  expect(server.log()).toContain(`No model at ${folder.path}`);
});

test('MLTRACK_SUPERVISED=0: no supervisor, and a crash is the end', async () => {
  const server = await serveModel(MODEL, { env: { MLTRACK_SUPERVISED: '0' } });
  expect((await server.post(BODY)).status).toBe(200);
  server.process.kill('SIGSEGV');
  await server.exited;
  expect(server.process.signalCode).toBe('SIGSEGV');
});

test('the supervisor is a small part of the memory', async () => {
  const server = await serveModel(MODEL);
  const rss = (pid: number | undefined) =>
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
  expect(rss(server.process.pid)).toBeLessThan(rss(servingProcess(server)) * 0.6);
  await server.stop();
});

/** How programs end, and what their runs show then. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Connection, connect, syncSpool } from '../../client/node/index.js';
import { type Finished, finished } from '../harness/finished.js';
import { startServer, type TestServer } from '../harness/server.js';
import { firstLine, newPlace, onlyRun, type Place, program, tagOf } from './program.js';

let server: TestServer;
let client: Connection;
let place: Place;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
});
beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());
afterAll(() => server.stop());

const ended = async (source: string): Promise<Finished> => settled(await finished(program(source, server.url, place)));

/** On a machine that is busy a program may end before all has arrived, and says so: the rest is delivered here. */
async function settled(result: Finished): Promise<Finished> {
  if ((await place.left()).length > 0) await syncSpool(place.spool, { connect: () => client });
  return { ...result, stderr: result.stderr.replace(/^mltrack: Not everything has reached .*\n/gm, '') };
}

/** Ends a program that has printed a line by a signal, and answers how it ended. */
async function signalled(source: string, signal: NodeJS.Signals): Promise<[number | null, string | null, string]> {
  const child = program(source, server.url, place);
  const end = finished(child);
  await firstLine(child);
  child.kill(signal);
  const { code, stderr } = await settled(await end);
  return [code, child.signalCode, stderr];
}

test('a program that just ends finishes its run, by itself and with nothing to wait for', async () => {
  const { code, stderr } = await ended(`setExperiment('normal'); startRun(); log({ loss: 1 }, { step: 3 });`);
  expect([code, stderr]).toEqual([0, '']);
  const run = await onlyRun(client, 'normal');
  expect([run.info.status, run.data.metrics?.[0]?.value]).toEqual(['FINISHED', 1]);
  expect(await place.left()).toEqual([]);
});

test('so does one whose runs are kept in memory only', async () => {
  const { code, stderr } = await ended(`startRun({ experiment: 'memory', spool: false }).log({ loss: 1 });`);
  expect([code, stderr]).toEqual([0, '']);
  const run = await onlyRun(client, 'memory');
  expect([run.info.status, run.data.metrics?.[0]?.value]).toEqual(['FINISHED', 1]);
});

test('so does one whose connection has a fetch of its own, which no thread can have', async () => {
  const { code, stderr } = await ended(`let requests = 0;
    const client = mltrack.connect(undefined, { fetch: (...args) => { requests++; return fetch(...args); } });
    const run = startRun({ client, experiment: 'own fetch' });
    run.log({ loss: 1 });
    process.on('exit', () => console.log(requests > 2));`);
  expect([code, stderr]).toEqual([0, '']);
  const run = await onlyRun(client, 'own fetch');
  expect([run.info.status, run.data.metrics?.[0]?.value]).toEqual(['FINISHED', 1]);
  expect(await place.left()).toEqual([]);
});

test('an error that nobody catches fails the run, and ends the program as it would have', async () => {
  const { code, stderr } = await ended(
    `startRun({ experiment: 'throw' }).log({ loss: 1 }); throw new Error('no memory');`,
  );
  expect(code).toBe(1);
  expect(stderr).toContain('Error: no memory');
  const run = await onlyRun(client, 'throw');
  expect([run.info.status, tagOf(run, 'mltrack.error')]).toEqual(['FAILED', 'Error: no memory']);
});

test('a promise that nobody handles fails the run, as Node ends the program', async () => {
  const { code } = await ended(
    `startRun({ experiment: 'rejection' }); Promise.reject(new TypeError('lost')); setTimeout(() => {}, 60_000);`,
  );
  expect(code).toBe(1);
  const run = await onlyRun(client, 'rejection');
  expect([run.info.status, tagOf(run, 'mltrack.error')]).toEqual(['FAILED', 'TypeError: lost']);
});

test('an error that the program catches ends nothing', async () => {
  const { code } = await ended(`process.on('uncaughtException', () => log({ caught: 1 }));
    startRun({ experiment: 'caught' }); setTimeout(() => { throw new Error('x'); });`);
  expect(code).toBe(0);
  const run = await onlyRun(client, 'caught');
  expect([run.info.status, run.data.metrics?.[0]?.key, tagOf(run, 'mltrack.error')]).toEqual([
    'FINISHED',
    'caught',
    undefined,
  ]);
});

test.each([
  [0, 'FINISHED'],
  [3, 'FAILED'],
])('process.exit(%i) in the middle leaves the run %s, with all that was logged', async (wanted, status) => {
  const experiment = `exit ${wanted}`;
  const { code, stderr } = await ended(`const run = startRun({ experiment: '${experiment}' });
    for (let step = 0; step < 5000; step++) run.log({ loss: step }, { step });
    process.exit(${wanted});`);
  expect([code, stderr]).toEqual([wanted, '']);
  const run = await onlyRun(client, experiment);
  expect([run.info.status, run.data.metrics?.[0]?.value]).toEqual([status, 4999]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s kills the run, and then the program', async (signal) => {
  const source = `startRun({ experiment: '${signal}' }); log({ loss: 1 }); console.log('ready'); setInterval(() => {}, 1000);`;
  expect(await signalled(source, signal)).toEqual([null, signal, '']);
  const run = await onlyRun(client, signal);
  expect([run.info.status, run.data.metrics?.[0]?.value]).toEqual(['KILLED', 1]);
  expect(run.info.end_time).toBeGreaterThan(0);
});

test("the program's own handler of a signal decides", async () => {
  const source = `process.once('SIGTERM', async () => { log({ last: 1 }); await endRun('FINISHED'); clearInterval(timer); });
    startRun({ experiment: 'own handler' }); const timer = setInterval(() => {}, 1000); console.log('ready');`;
  expect(await signalled(source, 'SIGTERM')).toEqual([0, null, '']);
  const run = await onlyRun(client, 'own handler');
  expect([run.info.status, run.data.metrics?.[0]?.key]).toEqual(['FINISHED', 'last']);
});

test('a handler that ends the program leaves the run killed', async () => {
  const source = `process.on('SIGINT', () => process.exit(7));
    startRun({ experiment: 'exiting handler' }); setInterval(() => {}, 1000); console.log('ready');`;
  expect(await signalled(source, 'SIGINT')).toEqual([7, null, '']);
  expect((await onlyRun(client, 'exiting handler')).info.status).toBe('KILLED');
});

test('without a server a program ends in bounded time, and says what is left and how it is delivered', async () => {
  const source = `const run = startRun({ experiment: 'nobody', flushTimeout: 500 }); run.log({ loss: 1 });`;
  const { code, stderr } = await finished(program(source, 'http://127.0.0.1:9', place));
  expect(code).toBe(0);
  const [left] = await place.left();
  expect(stderr).toContain(`mltrack sync ${place.spool}/${left}`);
  const inMemory = `startRun({ flushTimeout: 500, spool: false }).log({ loss: 1 });`;
  const lost = await finished(program(inMemory, 'http://127.0.0.1:9', place));
  expect([lost.code, lost.stderr]).toEqual([0, expect.stringContaining('it is lost')]);
});

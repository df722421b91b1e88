/** Runs as a training script writes them: the active run, nested runs, bad values, and what reaches the server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  activeRun,
  type Connection,
  connect,
  endRun,
  flush,
  log,
  logArtifact,
  logArtifacts,
  logDict,
  logParam,
  logParams,
  logText,
  type Problem,
  type Run,
  setExperiment,
  setTag,
  setTags,
  setTrackingUri,
  startRun,
  withRun,
} from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let client: Connection;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
});

beforeEach(() => {
  setTrackingUri(server.url);
  setExperiment('fluent');
});

afterAll(() => server.stop());

/** What the server has of a run. */
async function stored(run: Run) {
  const { info, data } = (await client.getRun({ run_id: await run.id() })).run;
  const record = (pairs: { key: string; value: unknown }[] = []) =>
    Object.fromEntries(
      pairs
        .filter(({ key }) => !/^mlflow\.|^mltrack\.(node|package|commandLine|clientId)/.test(key))
        .map(({ key, value }) => [key, value]),
    );
  const tags = Object.fromEntries((data.tags ?? []).map(({ key, value }) => [key, value]));
  return { info, params: record(data.params), metrics: record(data.metrics), tags: record(data.tags), allTags: tags };
}

async function textOf(run: Run, path: string): Promise<string> {
  const { artifact_uri } = await run.info();
  return (await client.artifacts.get(artifact_uri, path)).text();
}

test('a script in the fluent style is a finished run with all that it logged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mltrack-fluent-'));
  await writeFile(join(folder, 'a.txt'), 'a file');
  const run = startRun({ name: 'hello', params: { lr: 0.01 }, tags: { team: 'vision' } });
  expect(activeRun()).toBe(run);
  logParam('epochs', 3);
  logParams({ optimizer: 'adam', nesterov: true, seed: 2n ** 60n });
  for (let step = 0; step < 5; step++) log({ loss: 1 / (step + 1), acc: step }, { step });
  setTag('note', 'x');
  setTags({ a: '1', b: '2' });
  logText('some text', 'notes/text.txt');
  logDict({ layers: [64, 32] }, 'config.json');
  logArtifact(join(folder, 'a.txt'));
  logArtifacts(folder, 'all');
  // What happens to a file after it was logged does not matter.
  await rm(folder, { recursive: true });
  expect(await flush()).toEqual({ delivered: true });
  expect((await stored(run)).info.status).toBe('RUNNING');
  await endRun();
  expect(activeRun()).toBeUndefined();
  const { info, params, metrics, tags } = await stored(run);
  expect(info).toMatchObject({ run_name: 'hello', status: 'FINISHED' });
  const { experiment } = await client.getExperimentByName({ experiment_name: 'fluent' });
  expect(info.experiment_id).toBe(experiment.experiment_id);
  expect(params).toEqual({
    lr: '0.01',
    epochs: '3',
    optimizer: 'adam',
    nesterov: 'true',
    seed: '1152921504606846976',
  });
  expect(metrics).toEqual({ loss: 0.2, acc: 4 });
  expect(tags).toEqual({ team: 'vision', note: 'x', a: '1', b: '2' });
  expect(await textOf(run, 'notes/text.txt')).toBe('some text');
  expect(JSON.parse(await textOf(run, 'config.json'))).toEqual({ layers: [64, 32] });
  expect([await textOf(run, 'a.txt'), await textOf(run, 'all/a.txt')]).toEqual(['a file', 'a file']);
});

test('withRun has an active run of its own, nests by itself, and tells how the function ended', async () => {
  const runs: Run[] = [];
  const failure = withRun({ name: 'outer', experiment: 'nesting' }, async (outer) => {
    const inner = [1, 2].map((i) =>
      withRun({ name: `inner ${i}` }, async (run) => {
        runs.push(run);
        await run.flush();
        expect(activeRun()).toBe(run);
        log({ i });
        return i;
      }),
    );
    expect(await Promise.all(inner)).toEqual([1, 2]);
    expect(activeRun()).toBe(outer);
    runs.push(outer, startRun({ parent: null }));
    runs[3]?.end();
    throw new Error('out of memory');
  });
  await expect(failure).rejects.toThrow('out of memory');
  const [first, second, outer, apart] = await Promise.all(runs.map(stored));
  expect(outer).toMatchObject({ info: { status: 'FAILED' }, tags: { 'mltrack.error': 'Error: out of memory' } });
  for (const inner of [first, second]) {
    expect(inner?.info).toMatchObject({ status: 'FINISHED', experiment_id: outer?.info.experiment_id });
    expect(inner?.allTags['mlflow.parentRunId']).toBe(outer?.info.run_id);
  }
  expect([first?.metrics, second?.metrics]).toEqual([{ i: 1 }, { i: 2 }]);
  expect(apart?.allTags).not.toHaveProperty('mlflow.parentRunId');
});

test('a run is gone on with by its id, and nested by id or under the active one', async () => {
  const first = startRun({ name: 'first' });
  const child = startRun({ nested: true });
  await child.end();
  await first.end();
  expect((await stored(child)).allTags['mlflow.parentRunId']).toBe(await first.id());
  const again = startRun({ runId: await first.id(), tags: { again: true } });
  again.log({ loss: 1 });
  await again.flush();
  expect(await again.id()).toBe(await first.id());
  expect((await stored(again)).info).toMatchObject({ status: 'RUNNING', run_name: 'first' });
  await again.end('KILLED');
  expect(await stored(first)).toMatchObject({
    info: { status: 'KILLED' },
    metrics: { loss: 1 },
    tags: { again: 'true' },
  });
  const grandchild = startRun({ parent: await child.id() });
  await grandchild.end();
  expect((await stored(grandchild)).allTags['mlflow.parentRunId']).toBe(await child.id());
});

test('what cannot be recorded is told and never thrown, and the rest lands', async () => {
  const problems: Problem[] = [];
  const run = startRun({ client, onError: (problem) => problems.push(problem) });
  const bad = { loss: 1, text: 'no' as unknown as number, none: undefined as unknown as number, yes: true as never };
  run.log(bad);
  run.log({ late: 1 }, { step: 0.5 });
  run.log({ [''.padEnd(300, 'x')]: 1 });
  run.log(null as never);
  run.log({ nan: Number.NaN, inf: Number.POSITIVE_INFINITY, big: 1 }, { step: 2n ** 60n });
  run.logHistory([
    { key: 'h', value: 'x' as never },
    { key: 'h', value: 3, step: 7 },
  ]);
  run.logParam('', 1);
  run.logArtifact('/no/such/file');
  run.logDict(
    {
      toJSON: () => {
        throw new Error('not now');
      },
    },
    'x.json',
  );
  // Only the server knows that these are no names.
  run.log({ good: 1, 'a//b': 2, better: 3 });
  run.logParams({ p: 1, 'q\n': 2 });
  run.logParam('p', 2);
  await run.end();
  run.log({ after: 1 });
  const { metrics, params, info } = await stored(run);
  expect(info.status).toBe('FINISHED');
  expect(metrics).toMatchObject({ loss: 1, yes: 1, nan: Number.NaN, big: 1, h: 3, good: 1, better: 3 });
  expect(Object.keys(metrics)).not.toContain('a//b');
  expect(params).toEqual({ p: '1' });
  const kinds = problems.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(3);
  expect(new Set(kinds)).toEqual(new Set(['bad-value', 'file', 'refused', 'ended']));
});

test('a step that is no option, values without names and a status that is none are told of, not taken for something else', async () => {
  const messages: string[] = [];
  const run = startRun({ client, onError: ({ message }) => messages.push(message) });
  run.logMetric('loss', 0.5, 3 as never);
  run.log('loss' as never, { step: 1 });
  run.log([1, 2] as never);
  run.log(undefined as never);
  run.logParams('lr' as never);
  run.log({ at: 1 }, { timestamp: new Date() as never });
  await run.end('done' as never);
  const { info, metrics, params } = await stored(run);
  expect(metrics).toEqual({});
  expect(params).toEqual({});
  expect(info.status).toBe('FINISHED');
  expect(messages).toEqual([
    'A step goes into an object, such as { step: 3 }, not 3. Nothing is recorded.',
    "Values go into an object by their names, such as { loss: 0.5 }, not 'loss'. Nothing is recorded.",
    'Values go into an object by their names, such as { loss: 0.5 }, not an Array. Nothing is recorded.',
    'Values go into an object by their names, such as { loss: 0.5 }, not undefined. Nothing is recorded.',
    "Values go into an object by their names, such as { loss: 0.5 }, not 'lr'. Nothing is recorded.",
    'The timestamp of a metric must be a whole number, not a Date. It is not recorded.',
    "A run ends FINISHED, FAILED or KILLED, not 'done': it is FINISHED.",
  ]);
});

test('a param that is too long for a server is recorded, and says that it will be cut', async () => {
  const messages: string[] = [];
  const run = startRun({ client, onError: ({ message }) => messages.push(message) });
  run.logParam('prompt', 'x'.repeat(6001));
  await run.end();
  expect((await stored(run)).params.prompt).toHaveLength(6000);
  expect(messages).toEqual([
    "The value of 'prompt' has 6001 characters, of which servers keep 6000 or refuse it. logText keeps any length.",
  ]);
});

test('a run that the server does not create says so, and takes what is logged without a sound', async () => {
  const problems: Problem[] = [];
  const run = startRun({ client, experimentId: '987654', onError: (problem) => problems.push(problem) });
  run.log({ loss: 1 });
  await expect(run.id()).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  expect(await run.flush()).toMatchObject({ delivered: false });
  await run.end();
  expect(problems.map(({ kind }) => kind)).toContain('not-created');
});

test('thousands of values arrive once each, in batches', async () => {
  const run = startRun({ client });
  run.logHistory(
    Array.from({ length: 5500 }, (_, step) => ({ key: 'h', value: step / 3, step, timestamp: 1e12 + step })),
  );
  for (let step = 0; step < 2500; step++) run.log({ a: step, b: -step }, { step });
  run.log(Object.fromEntries(Array.from({ length: 2200 }, (_, i) => [`wide${i}`, i])));
  run.logParams(Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`p${i}`, i])));
  await run.end();
  const run_id = await run.id();
  const count = async (metric_key: string) => (await client.getMetricHistory({ run_id, metric_key })).metrics?.length;
  expect([await count('h'), await count('a'), await count('b')]).toEqual([5500, 2500, 2500]);
  const { metrics, params } = await stored(run);
  expect(Object.keys(metrics)).toHaveLength(2203);
  expect(Object.keys(params)).toHaveLength(250);
});

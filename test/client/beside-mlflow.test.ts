/** Our client against a stock MLflow server: everything arrives once, also when an answer is lost and a record is refused. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect, type Problem, startRun, syncSpool, withRun } from '../../client/node/index.js';
import { finished } from '../harness/finished.js';
import { INSTALL_TIME } from '../harness/python.js';
import { type MlflowServer, mlflowServer } from '../interop/replay/mlflow-server.js';
import { losingAnswers } from './losing-answers.js';
import { newPlace, onlyRun, type Place, program, stepsOf, tagOf } from './program.js';

let folder: string;
let server: MlflowServer;
let client: Connection;
let place: Place;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-sdk-'));
  server = await mlflowServer(folder);
  client = connect(server.url);
  place = await newPlace();
}, INSTALL_TIME);

afterAll(async () => {
  await server.stop();
  await place.remove();
  await rm(folder, { recursive: true, force: true });
});

const upTo = (count: number) => Array.from({ length: count }, (_, step) => step);

test('a run with thousands of values, files and a nested run arrives as it was logged', async () => {
  const options = { client, experiment: 'whole', spool: place.spool };
  const { outer, inner } = await withRun({ ...options, name: 'outer', params: { lr: 0.1 } }, async (outer) => {
    for (const step of upTo(6000)) outer.log({ loss: step / 3, acc: step }, { step });
    outer.log({ odd: Number.NaN });
    outer.logText('hello', 'a/b.txt');
    const inner = await withRun({ ...options, name: 'inner' }, (run) => {
      run.setTags({ a: 1, b: 2 });
      return run;
    });
    return { outer, inner };
  });
  const run_id = await outer.id();
  const { info, data } = (await client.getRun({ run_id })).run;
  expect([info.status, info.run_name, data.params]).toEqual(['FINISHED', 'outer', [{ key: 'lr', value: '0.1' }]]);
  expect(await stepsOf(client, run_id, 'loss')).toEqual(upTo(6000));
  expect(await stepsOf(client, run_id, 'acc')).toEqual(upTo(6000));
  expect(await (await client.artifacts.get(info.artifact_uri, 'a/b.txt')).text()).toBe('hello');
  const nested = (await client.getRun({ run_id: await inner.id() })).run;
  expect([tagOf(nested, 'mlflow.parentRunId'), tagOf(nested, 'b')]).toEqual([run_id, '2']);
}, 120_000);

test('lost answers and records that it refuses leave each value there once', async () => {
  for (const path of ['runs/create', 'log-batch']) {
    const proxy = await losingAnswers(server.url, path);
    const experiment = `lost ${path}`;
    const problems: Problem[] = [];
    const onError = (problem: Problem) => problems.push(problem);
    const run = startRun({ client: connect(proxy.url), experiment, spool: place.spool, onError });
    for (const step of upTo(100)) run.log({ loss: step, ...(step === 50 && { 'a//b': 1 }) }, { step });
    run.logParam('p', 1);
    run.logParam('p', 2);
    await run.end();
    const stored = await onlyRun(client, experiment);
    expect([proxy.lost() > 0, stored.info.status, stored.data.params]).toEqual([
      true,
      'FINISHED',
      [{ key: 'p', value: '1' }],
    ]);
    expect(await stepsOf(client, stored.info.run_id, 'loss')).toEqual(upTo(100));
    const refused = (await readFile(join(place.spool, `${run.localId}.refused`), 'utf8')).trim().split('\n');
    expect(refused).toHaveLength(2);
    expect(problems.filter(({ kind }) => kind === 'refused')).toHaveLength(2);
    proxy.close();
  }
}, 120_000);

test('what a killed program has left is delivered by a sync, and the run marked', async () => {
  const source = `const run = startRun({ experiment: 'left', offline: true });
    for (let step = 0; step < 1500; step++) run.log({ loss: step }, { step });
    process.kill(process.pid, 'SIGKILL');`;
  await finished(program(source, server.url, place));
  for (const each of await syncSpool(place.spool, { connect: () => client })) expect(each).not.toHaveProperty('left');
  const { info } = await onlyRun(client, 'left');
  expect(info.status).toBe('KILLED');
  expect(await stepsOf(client, info.run_id, 'loss')).toEqual(upTo(1500));
}, 120_000);

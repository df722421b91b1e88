/** What `log` returned from arrives exactly once, whoever dies in between: the program, the server, the network, the disk. */
import { appendFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Connection, connect, type Problem, startRun, syncSpool } from '../../client/node/index.js';
import { finished } from '../harness/finished.js';
import { startServer, type TestServer } from '../harness/server.js';
import { losingAnswers } from './losing-answers.js';
import { firstLine, newPlace, onlyRun, type Place, program, stepsOf, sync, tagOf } from './program.js';

let server: TestServer;
let client: Connection;
let place: Place;

beforeEach(async () => {
  server = await startServer();
  client = connect(server.url);
  place = await newPlace();
});
afterEach(async () => {
  await server.stop();
  await place.remove();
});

const upTo = (count: number) => Array.from({ length: count }, (_, step) => step);

/** Logs step after step, and writes each that `log` has returned from to a file, until it is killed. */
const ENDLESS = `const { openSync, writeSync } = await import('node:fs');
  const returned = openSync(process.env.RETURNED, 'w');
  const run = startRun({ experiment: 'killed', name: process.env.ROUND });
  console.log('begun');
  for (let step = 0; ; step++) {
    run.log({ loss: step / 3, acc: step }, { step });
    writeSync(returned, step + '\\n');
    if (step % 100 === 0) await new Promise((resolve) => setTimeout(resolve));
  }`;

test('a program that is killed loses nothing, however often: each value is delivered once by what comes after', async () => {
  const returned = new Map<string, number>();
  for (let round = 0; round < 6; round++) {
    const RETURNED = `${place.spool}-returned`;
    const child = program(ENDLESS, server.url, place, { ROUND: `round ${round}`, RETURNED });
    const end = finished(child);
    await firstLine(child);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
    child.kill('SIGKILL');
    await end;
    const lines = (await readFile(RETURNED, 'utf8')).split('\n').slice(0, -1);
    returned.set(`round ${round}`, Number(lines.at(-1) ?? -1));
  }
  // The programs have delivered what earlier ones had left, as far as they lived; the rest is for `mltrack sync`.
  const { code, stdout } = await finished(sync(server.url, place, '--json'));
  expect(code, stdout).toBe(0);
  expect(await place.left()).toEqual([]);
  const { experiment } = await client.getExperimentByName({ experiment_name: 'killed' });
  const { runs = [] } = await client.searchRuns({ experiment_ids: [experiment.experiment_id] });
  expect(runs.map(({ info }) => info.run_name).sort()).toEqual([...returned.keys()]);
  for (const run of runs) {
    const { run_id, run_name, status } = run.info;
    const last = returned.get(run_name) as number;
    const steps = await stepsOf(client, run_id, 'loss');
    expect(steps).toEqual(upTo(steps.length));
    expect(steps.length).toBeGreaterThan(last);
    expect(await stepsOf(client, run_id, 'acc')).toHaveLength(steps.length);
    expect([status, tagOf(run, 'mltrack.error')]).toEqual(['KILLED', 'The process ended without ending the run']);
  }
}, 120_000);

test('a server that is killed again and again gets everything once', async () => {
  const args = ['--port', new URL(server.url).port];
  const child = program(
    `const run = startRun({ experiment: 'server' });
     for (let step = 0; step < 3000; step++) {
       run.log({ loss: step }, { step });
       if (step % 50 === 0) run.logText('part ' + step, 'parts/' + step);
       await new Promise((resolve) => setTimeout(resolve));
     }
     await run.end();`,
    server.url,
    place,
  );
  const end = finished(child);
  let over = false;
  end.then(() => {
    over = true;
  });
  for (let round = 0; round < 5 && !over; round++) {
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 300));
    await server.kill();
    server = await startServer({ cwd: server.cwd, args });
  }
  expect((await end).code).toBe(0);
  const { info } = await onlyRun(client, 'server');
  expect(info.status).toBe('FINISHED');
  expect(await stepsOf(client, info.run_id, 'loss')).toEqual(upTo(3000));
  const { files = [] } = await client.listArtifacts({ run_id: info.run_id, path: 'parts' });
  expect(files).toHaveLength(60);
}, 120_000);

test.each(['runs/create', 'log-batch', 'experiments/create', 'runs/update'])(
  'the answer to %s may be lost: the run is there once, and so is what it logged',
  async (path) => {
    const proxy = await losingAnswers(server.url, path);
    const run = startRun({ client: connect(proxy.url), experiment: 'lost answers', spool: place.spool });
    for (const step of upTo(50)) run.log({ loss: step }, { step });
    await run.end();
    expect(proxy.lost()).toBeGreaterThan(0);
    const { info } = await onlyRun(client, 'lost answers');
    expect([info.run_id, info.status]).toEqual([await run.id(), 'FINISHED']);
    expect(await stepsOf(client, info.run_id, 'loss')).toEqual(upTo(50));
    proxy.close();
  },
);

test('offline, nothing is needed but a disk; nested runs and files arrive with the sync, once', async () => {
  const source = `await withRun({ experiment: 'offline', name: 'outer', offline: true, params: { lr: 0.1 } }, async (run) => {
      run.logText('hello', 'a/b.txt');
      await withRun({ name: 'inner', offline: true }, () => log({ loss: 2 }, { step: 2n ** 60n }));
      log({ loss: 1 });
    });`;
  const { code, stderr } = await finished(program(source, 'http://127.0.0.1:9', place));
  expect([code, stderr.match(/mltrack sync/g)?.length]).toEqual([0, 2]);
  expect(await place.left()).toHaveLength(2);
  // Three at a time do not get into each other's way: each leaves what the other has.
  await Promise.all([1, 2, 3].map(() => finished(sync(server.url, place))));
  expect((await finished(sync(server.url, place))).code).toBe(0);
  expect(await finished(sync(server.url, place))).toMatchObject({ code: 0, stdout: 'Nothing is left to deliver.\n' });
  const { experiment } = await client.getExperimentByName({ experiment_name: 'offline' });
  const { runs = [] } = await client.searchRuns({
    experiment_ids: [experiment.experiment_id],
    order_by: ['start_time'],
  });
  const [outer, inner] = runs;
  expect(runs.map(({ info }) => [info.run_name, info.status])).toEqual([
    ['outer', 'FINISHED'],
    ['inner', 'FINISHED'],
  ]);
  expect(tagOf(inner as NonNullable<typeof inner>, 'mlflow.parentRunId')).toBe(outer?.info.run_id);
  expect(outer?.data.params).toEqual([{ key: 'lr', value: '0.1' }]);
  expect(inner?.data.metrics?.[0]).toMatchObject({ value: 2 });
  expect(Number(inner?.data.metrics?.[0]?.step)).toBe(2 ** 60);
  const file = await client.artifacts.get(outer?.info.artifact_uri ?? '', 'a/b.txt');
  expect(await file.text()).toBe('hello');
});

test('a sync leaves alone what a living program writes, and what no server takes, and says so', async () => {
  const living = program(
    `startRun({ experiment: 'living', offline: true }).log({ a: 1 }); console.log('there'); setInterval(() => {}, 1000);`,
    server.url,
    place,
  );
  const end = finished(living);
  await firstLine(living);
  expect(await finished(sync(server.url, place))).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('another process has it'),
  });
  living.kill('SIGKILL');
  await end;
  expect(await finished(sync('http://127.0.0.1:9', place))).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('Cannot reach http://127.0.0.1:9'),
  });
  expect(await finished(sync(server.url, place))).toMatchObject({ code: 0 });
  expect((await onlyRun(client, 'living')).info.status).toBe('KILLED');
  const nowhere = { ...place, spool: join(place.spool, 'nowhere') };
  expect(await finished(sync(server.url, nowhere))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No spool'),
  });
}, 60_000);

test('a record that was cut off is skipped, and one that is damaged in the middle too', async () => {
  const source = `const run = startRun({ experiment: 'torn', offline: true });
    for (let step = 0; step < 10; step++) run.log({ loss: step }, { step });
    process.kill(process.pid, 'SIGKILL');`;
  await finished(program(source, server.url, place));
  const records = join(place.spool, (await place.left())[0] ?? '', 'records-000000000000000');
  const bytes = await readFile(records);
  // The fourth from the end: 37 bytes each, of which the first 8 are its length and checksum.
  const at = bytes.length - 4 * 37 + 30;
  bytes[at] = (bytes[at] as number) ^ 255;
  await writeFile(records, bytes);
  appendFileSync(records, bytes.subarray(-37, -5));
  expect((await syncSpool(place.spool, { connect: () => client }))[0]).not.toHaveProperty('left');
  const { info } = await onlyRun(client, 'torn');
  expect(await stepsOf(client, info.run_id, 'loss')).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9]);
});

test('a spool that cannot be written is said once, and the run goes through memory', async () => {
  const problems: Problem[] = [];
  await writeFile(`${place.spool}-file`, '');
  const run = startRun({
    client,
    experiment: 'no spool',
    spool: `${place.spool}-file`,
    onError: (each) => problems.push(each),
  });
  run.log({ loss: 1 });
  run.logText('text', 'a.txt');
  await run.end();
  expect(problems.map(({ kind }) => kind)).toEqual(['spool']);
  expect((await onlyRun(client, 'no spool')).data.metrics?.[0]?.value).toBe(1);
});

/** No file grows beyond 64 KiB. */
const LIMITED = ['sh', '-c', 'ulimit -f 128; exec "$0" "$@"', process.execPath];

test('a disk that is full in the middle is said once; what fits no more goes through memory', async () => {
  // A limit of the size of files is what a program meets as a full disk.
  const source = `process.on('SIGXFSZ', () => {});
    const run = startRun({ experiment: 'full', flushTimeout: 20_000 });
    for (let step = 0; step < 4000; step++) run.log({ loss: step }, { step });
    run.logText('x'.repeat(300_000), 'long.txt');
    run.setTag('last', 'yes');`;
  const child = program(source, server.url, place, {}, LIMITED);
  const { code, stderr } = await finished(child);
  expect([code, stderr.match(/cannot be written/g)?.length]).toEqual([0, 1]);
  const run = await onlyRun(client, 'full');
  expect([run.info.status, tagOf(run, 'last')]).toEqual(['FINISHED', 'yes']);
  expect(await stepsOf(client, run.info.run_id, 'loss')).toEqual(upTo(4000));
  expect(await place.left()).toEqual([]);
});

test('what the server refuses for good is kept beside the spool, and stops nothing', async () => {
  const problems: Problem[] = [];
  const run = startRun({ client, experiment: 'refused', spool: place.spool, onError: (each) => problems.push(each) });
  run.log({ good: 1, 'a//b': 2 });
  run.logParam('p', 1);
  run.logParam('p', 2);
  run.logBytes('x', '../outside');
  run.log({ after: 3 });
  await run.end();
  const stored = await onlyRun(client, 'refused');
  expect(stored.data.metrics?.map(({ key }) => key).sort()).toEqual(['after', 'good']);
  const lines = (await readFile(join(place.spool, `${run.localId}.refused`), 'utf8')).trim().split('\n');
  const refused = lines.map((line) => JSON.parse(line));
  expect(refused.map(({ error_code }) => error_code)).toEqual(lines.map(() => 'INVALID_PARAMETER_VALUE'));
  expect(refused).toHaveLength(3);
  expect(refused[0].records).toMatchObject({ run_id: stored.info.run_id, metrics: [{ key: 'a//b', value: 2 }] });
  expect(problems.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'refused']);
});

test('credentials that are wrong stop nothing and lose nothing: the run arrives when they are right', async () => {
  await server.stop();
  const password = 'correct horse battery';
  server = await startServer({ args: ['--app-name', 'basic-auth'], env: { MLTRACK_ADMIN_PASSWORD: password } });
  const source = `startRun({ experiment: 'credentials', flushTimeout: 5000 }).log({ loss: 1 });`;
  const denied = await finished(
    program(source, server.url, place, { MLFLOW_TRACKING_USERNAME: 'admin', MLFLOW_TRACKING_PASSWORD: 'no' }),
  );
  expect([denied.code, denied.stderr]).toEqual([0, expect.stringContaining('does not take what is logged')]);
  expect(denied.stderr).toContain('MLFLOW_TRACKING_TOKEN');
  expect(await place.left()).toHaveLength(1);
  const again = await finished(program(source.replace('credentials', 'again'), server.url, place, {}));
  // Of its own run and of the one that was left, once each, however often they are tried.
  expect(again.stderr.match(/does not take what is logged/g)).toHaveLength(2);
  const admin = connect(server.url, { username: 'admin', password });
  expect((await syncSpool(place.spool, { connect: () => admin }))[0]).not.toHaveProperty('left');
  expect((await onlyRun(admin, 'credentials')).data.metrics?.[0]?.value).toBe(1);
});

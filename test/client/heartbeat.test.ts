/** A run whose program died is shown as such, and comes back with it; runs of plain MLflow clients are left alone. */
import { afterEach, expect, test } from 'vitest';
import { connect } from '../../client/node/index.js';
import { finished } from '../harness/finished.js';
import { startServer, type TestServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';
import { firstLine, newPlace, onlyRun, program, tagOf } from './program.js';

let server: TestServer;
afterEach(() => server.stop());

const SILENT = 'mltrack.silent';

test.each(['sqlite', 'postgres'])(
  'with a time-out, over %s',
  async (database) => {
    const uri = database === 'postgres' ? ['--backend-store-uri', await createDatabase()] : [];
    server = await startServer({ args: ['--heartbeat-timeout', '3', ...uri] });
    const client = connect(server.url);
    const place = await newPlace();
    const { run: plain } = await client.createRun({ experiment_id: '0', start_time: 1 });
    const start = (experiment: string) =>
      program(
        `const run = startRun({ experiment: '${experiment}' }); run.log({ a: 1 }); await run.flush(); console.log('there');
       process.stdin.once('data', () => run.end().then(() => process.exit())); setInterval(() => {}, 1000);`,
        server.url,
        place,
      );
    const killed = start('killed');
    const stopped = start('stopped');
    const ends = [finished(killed), finished(stopped)];
    await Promise.all([firstLine(killed), firstLine(stopped)]);
    const statusOf = async (experiment: string) => (await onlyRun(client, experiment)).info.status;
    const options = { timeout: 30_000, interval: 200 };

    killed.kill('SIGKILL');
    stopped.kill('SIGSTOP');
    await expect.poll(() => statusOf('killed'), options).toBe('KILLED');
    await expect.poll(() => statusOf('stopped'), options).toBe('KILLED');
    const marked = await onlyRun(client, 'killed');
    expect(tagOf(marked, SILENT)).toMatch(/^Nothing was heard of its program since 20/);
    expect(marked.info.end_time).toBeGreaterThanOrEqual(Number(marked.info.start_time));

    stopped.kill('SIGCONT');
    await expect.poll(() => statusOf('stopped'), options).toBe('RUNNING');
    const revived = await onlyRun(client, 'stopped');
    expect([tagOf(revived, SILENT), revived.info.end_time]).toEqual([undefined, undefined]);
    stopped.stdin?.write('end');
    await Promise.all(ends);
    expect(await statusOf('stopped')).toBe('FINISHED');

    // How it ended takes the mark away.
    await client.updateRun({ run_id: marked.info.run_id, status: 'FAILED' });
    expect(tagOf(await onlyRun(client, 'killed'), SILENT)).toBeUndefined();
    expect((await client.getRun({ run_id: plain.info.run_id })).run.info.status).toBe('RUNNING');
    await place.remove();
  },
  120_000,
);

test('without a time-out nothing is marked, and nobody is asked for signs of life', async () => {
  server = await startServer({ args: ['--heartbeat-timeout', '0'] });
  const client = connect(server.url);
  const { run } = await client.createRun({ experiment_id: '0' });
  expect(await client.sendHeartbeat({ run_id: run.info.run_id })).toEqual({});
  await expect(client.sendHeartbeat({ run_id: 'none' })).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
});

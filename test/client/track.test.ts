/** `track` gives every item on, and says how far it is: to the run, and in a terminal. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect, startRun, track, withRun } from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let client: Connection;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
});
afterAll(() => server.stop());

const history = async (run_id: string, metric_key: string) =>
  ((await client.getMetricHistory({ run_id, metric_key })).metrics ?? []).map(({ step, value }) => [
    Number(step),
    value,
  ]);

test('items come as they are, and the active run is told how many and how fast', async () => {
  const run_id = await withRun({ client }, async (run) => {
    expect([...track(['a', 'b', 'c'], { name: 'files', every: 0 })]).toEqual(['a', 'b', 'c']);
    return run.id();
  });
  expect(await history(run_id, 'files/items')).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  const speeds = await history(run_id, 'files/items_per_second');
  expect(speeds.length).toBeGreaterThan(0);
  expect(speeds.every(([, speed = 0]) => speed > 0)).toBe(true);
});

test('items that come one after the other, of a loop that is left, are counted to where it was left', async () => {
  const run = startRun({ client });
  async function* endless() {
    for (let at = 0; ; at++) yield at;
  }
  for await (const at of track(endless(), { run, name: 'batches' })) if (at === 4) break;
  await run.end();
  // The item at which the loop was left is not done.
  expect(await history(await run.id(), 'batches/items')).toEqual([[4, 4]]);
});

test('without a run, or with none wanted, the items come all the same', async () => {
  const run = startRun({ client });
  expect([...track(new Set([1, 2]), { run: null })]).toEqual([1, 2]);
  await run.end();
  expect([...track([3])]).toEqual([3]);
  const { run: stored } = await client.getRun({ run_id: await run.id() });
  expect(stored.data.metrics ?? []).toEqual([]);
});

test('in a terminal a line shows it, elsewhere there is none', async () => {
  const sdk = fileURLToPath(new URL('../../client/dist/node.js', import.meta.url));
  const lines = async (isTTY: boolean) => {
    const program = `import { track } from ${JSON.stringify(sdk)};
      process.stderr.isTTY = ${isTTY}; process.stderr.columns = 90;
      for (const _ of track(Array(1500), { name: 'rows' }));`;
    const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    return stderr;
  };
  expect(await lines(true)).toMatch(/\rrows \[#{24}\] 100 %, 1,500 of 1,500, [\d,]+\/s, 0 s left.\[K\n$/);
  expect(await lines(false)).toBe('');
});

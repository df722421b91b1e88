/** Bodies that do not fit into a worker's heap: refused before they are read, or the end of that worker and of nothing else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { casesOf, expectClose, type ModelServer, modelPath, serveModel } from '../model-server.js';

const MODEL = 'd_mlp_small';
const [{ inputs, outputs }] = casesOf(MODEL) as [ReturnType<typeof casesOf>[0]];
const MIB = 2 ** 20;

let server: ModelServer;
beforeAll(async () => {
  // MiB, for each thread. What a body takes there is many times its bytes.
  server = await serveModel(modelPath(MODEL), { args: ['-w', '2'], env: { NODE_OPTIONS: '--max-old-space-size=64' } });
});
afterAll(() => server.stop());

const isRight = async () => expectClose(await server.predict({ inputs }), { predictions: outputs });

describe('JSON that is read at one go is measured before', () => {
  test('values that do not fit are 413', async () => {
    const { status, text } = await server.post(`{"inputs":[${'[],'.repeat((20 * MIB) / 3)}[]]}`);
    expect([status, JSON.parse(text)]).toEqual([
      413,
      {
        error_code: 'REQUEST_TOO_LARGE',
        message: expect.stringMatching(/^The body's values take about \d+ MiB of memory; there are \d+ MiB for them\./),
      },
    ]);
    await isRight();
  });

  test('lists in lists beyond any tensor’s are 400', async () => {
    const { status, text } = await server.post(`{"inputs":${'['.repeat(10 * MIB)}${']'.repeat(10 * MIB)}}`);
    expect([status, JSON.parse(text)]).toEqual([
      400,
      {
        error_code: 'BAD_REQUEST',
        message: `Invalid input. Lists and objects may be 1000 levels deep. Got ${10 * MIB + 1}.`,
      },
    ]);
    await isRight();
  });

  test('brackets in texts are no lists', async () => {
    const texts = `"${'['.repeat(2 * MIB)}\\"["`;
    const { status, text } = await server.post(`{"inputs":[${texts},${texts}]}`);
    expect([status, text]).toEqual([400, expect.not.stringContaining('levels')]);
  });

  test('no more is taken for the values than they are', async () => {
    const { status } = await server.post(`{"inputs":[["${'x'.repeat(10 * MIB)}"]]}`);
    expect(status).toBe(400);
  });
});

describe('a worker at its heap’s limit', () => {
  const BODIES: [string, string, string][] = [
    ['CSV', 'text/csv', `a,b\n${'x,y\n'.repeat(4 * MIB)}`],
    ['records', 'application/json', `{"dataframe_records":[${'{"a":"b"},'.repeat(1.6 * MIB)}{}]}`],
  ];

  test.each(BODIES)('is replaced: %s', { timeout: 120_000 }, async (_name, type, body) => {
    const restarts = () => server.log().match(/a worker ended \(.*memory limit.*\), starting another/g)?.length ?? 0;
    const before = restarts();
    let ended = false;
    const fatal = server.post(body, type).finally(() => {
      ended = true;
    });
    // The other worker answers meanwhile.
    while (!ended) await isRight();
    expect([(await fatal).status, JSON.parse((await fatal).text)]).toEqual([
      503,
      {
        error_code: 'TEMPORARILY_UNAVAILABLE',
        message: 'The worker that had this request has ended; the request may be sent again.',
      },
    ]);
    expect(restarts()).toBe(before + 1);
    const start = performance.now();
    await isRight();
    // The promise is a second; the margin is for machines that do other things too.
    expect(performance.now() - start).toBeLessThan(4000);
    expect(server.log()).not.toContain('the serving process ended');
  });
});

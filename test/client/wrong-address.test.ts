/** A tracking URI that is none, or leads to something else: the cause is named, nothing waits for what cannot come, and nothing is lost. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, syncSpool } from '../../client/node/index.js';
import { finished } from '../harness/finished.js';
import { startServer } from '../harness/server.js';
import { newPlace, onlyRun, type Place, program } from './program.js';

let place: Place;

beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());

const SOURCE = `startRun({ experiment: 'address' }).log({ loss: 1 });`;

test.each(['localhost:5000', 'sqlite:///mlflow.db', './mlruns', 'databricks'])(
  'a tracking URI that is no address, %s, is said so at once, and the run is kept for another server',
  async (uri) => {
    const told = `The tracking URI must be a server's address, such as http://127.0.0.1:5000, not '${uri}'`;
    await expect(connect(uri).searchExperiments({ max_results: 1 })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: told,
    });
    const began = Date.now();
    const ended = await finished(program(SOURCE, uri, place, {}));
    // The program would wait for half a minute where a server might still come.
    expect(Date.now() - began).toBeLessThan(20_000);
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining(told)]);
    expect(await place.left()).toHaveLength(1);
  },
);

test('a run that was logged to no address is delivered to the one that sync is given', async () => {
  await finished(program(SOURCE, 'sqlite:///mlflow.db', place, {}));
  const server = await startServer();
  try {
    const client = connect(server.url);
    expect((await syncSpool(place.spool, { connect: () => client }))[0]).not.toHaveProperty('left');
    expect((await onlyRun(client, 'address')).data.metrics?.[0]?.value).toBe(1);
  } finally {
    await server.stop();
  }
});

test('an address where something else answers says what came instead of JSON', async () => {
  const pages = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<!doctype html>'));
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  const uri = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  await expect(connect(uri).searchExperiments({ max_results: 1 })).rejects.toMatchObject({
    code: 'TEMPORARILY_UNAVAILABLE',
    message: expect.stringContaining(`${uri} answers with text/html, not JSON: is it a tracking server's address?`),
  });
  await new Promise((resolve) => pages.close(resolve));
});

/** Searches give everything there is, page by page, and ask for no page that nobody wants. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Connection,
  connect,
  searchExperiments,
  searchLoggedModels,
  searchModelVersions,
  searchRegisteredModels,
  searchRuns,
} from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let client: Connection;
let experiment_id: string;
let requests = 0;

beforeAll(async () => {
  server = await startServer();
  const counting: typeof fetch = (...args) => {
    requests += 1;
    return fetch(...args);
  };
  client = connect(server.url, { fetch: counting });
  ({ experiment_id } = await client.createExperiment({ name: 'searched' }));
  for (let at = 0; at < 5; at++) {
    await client.createRun({
      experiment_id,
      run_name: `run ${at}`,
      tags: [{ key: 'even', value: String(at % 2 === 0) }],
    });
    await client.createLoggedModel({ experiment_id, name: `model-${at}` });
    await client.createRegisteredModel({ name: `registered-${at}` });
    await client.createModelVersion({ name: 'registered-0', source: 's3://bucket/model' });
  }
});
afterAll(() => server.stop());

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('runs, experiments, models, versions and logged models come from all pages', async () => {
  const page = { max_results: 2 };
  const experiment_ids = [experiment_id];
  const order_by = ['attributes.start_time ASC'];
  const runs = await all(searchRuns(client, { experiment_ids, order_by, ...page }));
  expect(runs.map(({ info }) => info.run_name)).toEqual(['run 0', 'run 1', 'run 2', 'run 3', 'run 4']);
  const even = await all(searchRuns(client, { experiment_ids, filter: "tags.even = 'true'", ...page }));
  expect(even).toHaveLength(3);
  expect((await all(searchExperiments(client))).map(({ name }) => name)).toEqual(['searched', 'Default']);
  expect(await all(searchLoggedModels(client, { experiment_ids, ...page }))).toHaveLength(5);
  expect(await all(searchRegisteredModels(client, page))).toHaveLength(5);
  const versions = await all(searchModelVersions(client, { filter: "name = 'registered-0'", ...page }));
  expect(versions.map(({ version }) => version).sort()).toEqual(['1', '2', '3', '4', '5']);
});

test('whoever stops early has asked for no further page', async () => {
  requests = 0;
  for await (const _ of searchRuns(client, { experiment_ids: [experiment_id], max_results: 2 })) break;
  expect(requests).toBe(1);
});

/** The registry on the wire, and what the operator says about it. */
import { expect, test } from 'vitest';
import { connect } from '../../client/connect.js';
import { startServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';

test('GET and POST ask for latest versions, and DELETE takes a body', async () => {
  const server = await startServer();
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${server.url}/api/2.0/mlflow/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return [answer.status, await answer.json()];
  };
  await ask('POST', 'registered-models/create', { name: 'iris & co' });
  await ask('POST', 'model-versions/create', { name: 'iris & co', source: 's3://b/1' });
  await ask('POST', 'model-versions/create', { name: 'iris & co', source: 's3://b/2' });
  await ask('POST', 'model-versions/transition-stage', { name: 'iris & co', version: '1', stage: 'Production' });
  const name = encodeURIComponent('iris & co');
  const [, both] = await ask('GET', `registered-models/get-latest-versions?name=${name}&stages=None&stages=production`);
  expect(both.model_versions).toMatchObject([{ version: '1' }, { version: '2' }]);
  expect(await ask('POST', 'registered-models/get-latest-versions', { name: 'iris & co', stages: [] })).toEqual([
    200,
    both,
  ]);
  expect(await ask('POST', 'registered-models/alias', { name: 'iris & co', alias: 'a', version: '1' })).toEqual([
    200,
    {},
  ]);
  expect(await ask('GET', `registered-models/alias?name=${name}&alias=a`)).toMatchObject([
    200,
    { model_version: { version: '1', aliases: ['a'] } },
  ]);
  expect(await ask('DELETE', 'registered-models/alias', { name: 'iris & co', alias: 'a' })).toEqual([200, {}]);
  expect(await ask('DELETE', 'model-versions/delete', { name: 'iris & co', version: '2' })).toEqual([200, {}]);
  expect(await ask('DELETE', 'registered-models/delete', {})).toMatchObject([
    400,
    { message: expect.stringContaining("Missing value for required parameter 'name'") },
  ]);
  expect(await ask('DELETE', 'registered-models/delete', { name: 'iris & co' })).toEqual([200, {}]);
  await server.stop();
});

test('the environment says which sources a version may have', async () => {
  const server = await startServer({
    env: {
      MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX: '^(s3://models/|https:)',
      MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES: 'hdfs, HTTPS',
    },
  });
  const client = connect(server.url);
  await client.createRegisteredModel({ name: 'm' });
  await client.createModelVersion({ name: 'm', source: 's3://models/1' });
  await client.createModelVersion({ name: 'm', source: 'https://host/1' });
  await expect(client.createModelVersion({ name: 'm', source: 's3://other/1' })).rejects.toMatchObject({
    code: 'INVALID_PARAMETER_VALUE',
    message: expect.stringContaining("Invalid model version source: 's3://other/1'."),
  });
  await server.stop();
});

test('a pattern that is none is refused at the start', async () => {
  const env = { MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX: '(' };
  await expect(startServer({ env })).rejects.toThrow(
    /MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX is no regular expression/,
  );
});

test('two servers on one PostgreSQL number, move, alias and rename the versions of one model at once', async () => {
  const args = ['--backend-store-uri', await createDatabase()];
  const servers = await Promise.all([startServer({ args }), startServer({ args })]);
  const clients = servers.map((server) => connect(server.url));
  const [one] = clients;
  await one?.createRegisteredModel({ name: 'busy' });
  await one?.createModelVersion({ name: 'busy', source: 's3://b/0' });
  const made: Promise<string>[] = [];
  const others: Promise<unknown>[] = [];
  for (let i = 0; i < 20; i++) {
    for (const client of clients) {
      const version = '1';
      const created = client.createModelVersion({ name: 'busy', source: `s3://b/${i}` });
      made.push(created.then(({ model_version }) => model_version.version));
      others.push(
        client.transitionModelVersionStage({
          name: 'busy',
          version,
          stage: 'Production',
          archive_existing_versions: true,
        }),
        client.setRegisteredModelAlias({ name: 'busy', alias: `a${i % 3}`, version }),
        client.setModelVersionTag({ name: 'busy', version, key: `k${i % 3}`, value: 'v' }),
        client.renameRegisteredModel({ name: 'busy', new_name: 'other' }),
        client.renameRegisteredModel({ name: 'other', new_name: 'busy' }),
      );
    }
  }
  const versions: number[] = [];
  const [numbered, rest] = await Promise.all([Promise.allSettled(made), Promise.allSettled(others)]);
  for (const each of numbered) {
    if (each.status === 'fulfilled') versions.push(Number(each.value));
    else expect(each.reason).toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  }
  expect(versions.length).toBeGreaterThan(0);
  for (const each of rest) {
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  }
  const left = (await one?.searchRegisteredModels({}))?.registered_models ?? [];
  expect(left).toHaveLength(1);
  const name = left[0]?.name;
  const kept = (await one?.searchModelVersions({ filter: `name = '${name}'`, order_by: ['version_number'] }))
    ?.model_versions;
  const expected = [1, ...versions].sort((a, b) => a - b);
  expect(kept?.map(({ version }) => Number(version))).toEqual(expected);
  expect(expected).toEqual(expected.map((_, i) => i + 1));
  await Promise.all(servers.map((server) => server.stop()));
});

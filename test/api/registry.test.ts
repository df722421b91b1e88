/** The registry on the wire, and what the operator says about it. */
import { expect, test } from 'vitest';
import { connect } from '../../client/connect.js';
import { startServer } from '../harness/server.js';

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

/** The stock MLflow client manages webhooks, our own run events among them. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../client/node/index.js';
import { INSTALL_TIME } from '../harness/python.js';
import { type Received, type Receiver, startReceiver } from '../harness/receiver.js';
import { startServer, type TestServer } from '../harness/server.js';
import { type Python, stockMlflow } from './mlflow-python.js';

let server: TestServer;
let python: Python;
let receiver: Receiver;

beforeAll(async () => {
  const env = { MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http', MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true' };
  server = await startServer({ env });
  receiver = await startReceiver();
  python = await stockMlflow(server.url, server.cwd);
}, INSTALL_TIME);
afterAll(async () => {
  await receiver.close();
  await server.stop();
});

test('created, listed, tested, changed and removed', async () => {
  const ours = { name: 'ours', url: receiver.url, run_events: [{ action: 'FAILED' as const }] };
  await connect(server.url).createWebhook(ours);
  const seen = JSON.parse(await python.script('webhooks.py', [receiver.url, 'shared']));
  expect(seen).toMatchObject({
    listed: [
      ['stock', receiver.url, 'ACTIVE', ['prompt_version.created', 'registered_model.created']],
      ['ours', receiver.url, 'ACTIVE', ['budget_policy.exceeded']],
    ],
    changed: ['DISABLED', ['model_version_alias.deleted']],
    tested: [true, 200, 'thanks'],
    seen: ['d', 'ACTIVE', true],
    refused: ['INVALID_PARAMETER_VALUE', expect.stringContaining("Webhook name 'bad name!' is invalid")],
    left: 1,
  });
  const { headers, body, event } = receiver.received[0] as Received;
  expect(event).toMatchObject({ entity: 'model_version', action: 'created', data: { source: 'models:/123' } });
  const signed = `${headers['x-mlflow-delivery-id']}.${headers['x-mlflow-timestamp']}.${body}`;
  const expected = createHmac('sha256', 'shared').update(signed).digest('base64');
  expect(headers['x-mlflow-signature']).toBe(`v1,${expected}`);
});

/**
 * Webhooks: HTTP requests that the server makes when something happens. Source: MLflow's `webhooks.proto`; `run_events` are ours, in a
 * field of their own that MLflow's clients pass over.
 */
import { endpoint } from './endpoint.js';
import { Empty } from './scalars.js';
import {
  bool,
  double,
  enumeration,
  id,
  integer,
  listOf,
  message,
  type Output,
  one,
  required,
  someOf,
  string,
} from './schema.js';

export const WEBHOOK_ENTITY = {
  REGISTERED_MODEL: 1,
  MODEL_VERSION: 2,
  MODEL_VERSION_TAG: 3,
  MODEL_VERSION_ALIAS: 4,
  PROMPT: 5,
  PROMPT_VERSION: 6,
  PROMPT_TAG: 7,
  PROMPT_VERSION_TAG: 8,
  PROMPT_ALIAS: 9,
  BUDGET_POLICY: 10,
} as const;
export type WebhookEntity = keyof typeof WEBHOOK_ENTITY;

export const WEBHOOK_ACTION = { CREATED: 1, UPDATED: 2, DELETED: 3, SET: 4, EXCEEDED: 5 } as const;
export type WebhookAction = keyof typeof WEBHOOK_ACTION;

export const WEBHOOK_STATUS = { ACTIVE: 1, DISABLED: 2 } as const;
export type WebhookStatus = keyof typeof WEBHOOK_STATUS;

export const RUN_ACTION = { CREATED: 1, FINISHED: 2, FAILED: 3, KILLED: 4, METRIC_REACHED: 5 } as const;
export type RunAction = keyof typeof RUN_ACTION;

export const WebhookEvent = message('WebhookEvent', {
  entity: required(enumeration(WEBHOOK_ENTITY)),
  action: required(enumeration(WEBHOOK_ACTION)),
});
export type WebhookEvent = Output<typeof WebhookEvent>;

export const RunEvent = message('RunEvent', {
  action: required(enumeration(RUN_ACTION)),
  experiment_id: id('only runs of this experiment; default: of all'),
  metric_key: string('METRIC_REACHED: the metric'),
  comparator: string('METRIC_REACHED: >, >=, < or <='),
  threshold: double('METRIC_REACHED: told once a run, with the first value that compares'),
});
export type RunEvent = Output<typeof RunEvent>;

export const Webhook = message('Webhook', {
  webhook_id: required(string()),
  name: required(string()),
  description: string(),
  url: required(string()),
  events: someOf(
    WebhookEvent,
    'BUDGET_POLICY EXCEEDED, which nothing brings about, where there are run events only: MLflow’s clients refuse an empty list',
  ),
  run_events: someOf(RunEvent),
  status: required(enumeration(WEBHOOK_STATUS)),
  creation_timestamp: required(integer('ms since the epoch')),
  last_updated_timestamp: required(integer('ms since the epoch')),
});
export type Webhook = Output<typeof Webhook>;

export const WebhookTestResult = message('WebhookTestResult', {
  success: required(bool('whether the answer’s status was below 400')),
  response_status: integer('HTTP status'),
  response_body: string('at most 64 kB of it'),
  error_message: string('why there was no answer'),
});
export type WebhookTestResult = Output<typeof WebhookTestResult>;

const WebhookId = message('WebhookId', { webhook_id: required(id()) });
const WebhookResponse = message('WebhookResponse', { webhook: required(one(Webhook)) });
const secret = () => string('signs deliveries (HMAC-SHA256); never given out');

export const webhooks = {
  createWebhook: endpoint(
    'POST',
    '/2.0/mlflow/webhooks',
    'write',
    'Creates a webhook for at least one event. Each delivery is retried until it is answered, across restarts of the server.',
    message('CreateWebhook', {
      name: required(string('1 to 63 letters, digits, dots, underscores and hyphens')),
      description: string(),
      url: required(string('https only, at a public address, unless the server allows others')),
      events: listOf(WebhookEvent),
      run_events: listOf(RunEvent),
      secret: secret(),
      status: enumeration(WEBHOOK_STATUS, 'default ACTIVE'),
    }),
    WebhookResponse,
  ),
  listWebhooks: endpoint(
    'GET',
    '/2.0/mlflow/webhooks',
    'read',
    'Webhooks, the newest first.',
    message('ListWebhooks', { max_results: integer('1 to 1,000; default 100'), page_token: string() }),
    message('ListWebhooksResponse', { webhooks: someOf(Webhook), next_page_token: string() }),
  ),
  getWebhook: endpoint('GET', '/2.0/mlflow/webhooks/{webhook_id}', 'read', 'The webhook.', WebhookId, WebhookResponse),
  updateWebhook: endpoint(
    'PATCH',
    '/2.0/mlflow/webhooks/{webhook_id}',
    'write',
    'Changes the fields that are given; a list of events replaces the former one.',
    message('UpdateWebhook', {
      webhook_id: required(id()),
      name: string(),
      description: string(),
      url: string(),
      events: listOf(WebhookEvent),
      run_events: listOf(RunEvent),
      secret: secret(),
      status: enumeration(WEBHOOK_STATUS),
    }),
    WebhookResponse,
  ),
  deleteWebhook: endpoint(
    'DELETE',
    '/2.0/mlflow/webhooks/{webhook_id}',
    'write',
    'Removes a webhook; what it was still to be told is dropped.',
    WebhookId,
    Empty,
  ),
  testWebhook: endpoint(
    'POST',
    '/2.0/mlflow/webhooks/{webhook_id}/test',
    'read',
    'Sends an example of an event now, once, and says how it was answered.',
    message('TestWebhook', {
      webhook_id: required(id()),
      event: one(WebhookEvent, 'default: the first of the webhook'),
    }),
    message('TestWebhookResponse', { result: required(one(WebhookTestResult)) }),
  ),
};

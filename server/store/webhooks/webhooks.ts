/** Webhooks as their owners see them. What they are told is in announce.ts. */
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { Handlers } from '../../../api/endpoint.js';
import {
  invalid,
  LIMITS,
  missing,
  type RunAction,
  type RunEvent,
  type Webhook,
  type WebhookAction,
  type WebhookEntity,
  type WebhookEvent,
  type WebhookStatus,
} from '../../../api/index.js';
import type { webhooks as table } from '../../../api/webhooks.js';
import { joined, listed, sql } from '../../db/sql.js';
import { hostOf, isPublicAddress } from '../../webhooks/address.js';
import { actionsOf, exampleOf } from '../../webhooks/examples.js';
import type { WebhookSettings } from '../../webhooks/settings.js';
import type { StoreContext } from '../context.js';
import { findExperiment } from '../experiments.js';
import { groupBy } from '../group-by.js';
import { pageToken, readPageToken } from '../page-token.js';
import { checkKey, experimentIdOf, pageSize } from '../validation.js';
import { encryptSecret } from './secrets.js';

export interface WebhookRow {
  webhook_id: string;
  name: string;
  description: string | null;
  url: string;
  secret: string | null;
  status: WebhookStatus;
  creation_time: number;
  last_update_time: number;
}

interface EventRow {
  webhook_id: string;
  entity: WebhookEntity | 'RUN';
  action: WebhookAction | RunAction;
  experiment: number | null;
  metric_key: string | null;
  comparator: string | null;
  threshold: number | null;
}

export const webhooks: Handlers<Omit<typeof table, 'testWebhook'>, StoreContext> = {
  async createWebhook({ name, description, url, events, run_events, secret, status }, ctx) {
    checkName(name);
    checkUrl(url, ctx.settings.webhooks);
    if (events.length + run_events.length === 0) {
      throw invalid('Webhook events must be a non-empty list of WebhookEvent objects: [].');
    }
    const webhook_id = randomUUID();
    const now = ctx.now();
    await ctx.db.run(
      sql`insert into webhooks (webhook_id, name, description, url, secret, status, creation_time, last_update_time)
          values (${webhook_id}, ${name}, ${description || null}, ${url}, ${secret ? await encryptSecret(ctx, secret) : null},
                  ${status ?? 'ACTIVE'}, ${now}, ${now})`,
    );
    await insertEvents(ctx, webhook_id, events, run_events);
    ctx.memory.subscriptions.clear();
    return { webhook: await loadWebhook(ctx, webhook_id) };
  },

  async listWebhooks({ max_results, page_token }, ctx) {
    const limit = pageSize(max_results, 100, LIMITS.webhooksMaxResults);
    const conditions = [sql`1 = 1`];
    if (page_token) {
      const [time, id] = readPageToken(page_token, ['number', 'string']) as [number, string];
      conditions.push(sql`(creation_time < ${time} or (creation_time = ${time} and webhook_id > ${id}))`);
    }
    const found = await ctx.db.all<WebhookRow>(
      sql`select * from webhooks where ${joined(conditions, ' and ')} order by creation_time desc, webhook_id limit ${limit + 1}`,
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      ...(page.length > 0 && { webhooks: await withEvents(ctx, page) }),
      ...(found.length > limit && last && { next_page_token: pageToken([last.creation_time, last.webhook_id]) }),
    };
  },

  async getWebhook({ webhook_id }, ctx) {
    return { webhook: await loadWebhook(ctx, webhook_id) };
  },

  async updateWebhook({ webhook_id, name, description, url, events, run_events, secret, status }, ctx) {
    const before = await findWebhook(ctx, webhook_id, 'update');
    if (name) checkName(name);
    if (url) checkUrl(url, ctx.settings.webhooks);
    if (events.length + run_events.length > 0) {
      await deleteEvents(ctx, webhook_id);
      await insertEvents(ctx, webhook_id, events, run_events);
    }
    const newSecret = secret ? await encryptSecret(ctx, secret) : secret === '' ? null : before.secret;
    await ctx.db.run(
      sql`update webhooks set name = ${name || before.name}, description = ${description ?? before.description},
                 url = ${url || before.url}, secret = ${newSecret}, status = ${status ?? before.status},
                 last_update_time = ${ctx.now()}
          where webhook_id = ${webhook_id}`,
    );
    ctx.memory.subscriptions.clear();
    return { webhook: await loadWebhook(ctx, webhook_id) };
  },

  async deleteWebhook({ webhook_id }, ctx) {
    await findWebhook(ctx, webhook_id, 'update');
    await ctx.db.run(sql`delete from webhook_deliveries where webhook_id = ${webhook_id}`);
    await deleteEvents(ctx, webhook_id);
    await ctx.db.run(sql`delete from webhooks where webhook_id = ${webhook_id}`);
    ctx.memory.subscriptions.clear();
    return {};
  },
};

/** With `update`, locked against other writers. Throws RESOURCE_DOES_NOT_EXIST. */
export async function findWebhook(ctx: StoreContext, id: string, intent?: 'update'): Promise<WebhookRow> {
  const lock = intent === 'update' ? ctx.db.dialect.forUpdate : sql``;
  const row = await ctx.db.get<WebhookRow>(sql`select * from webhooks where webhook_id = ${id} ${lock}`);
  if (!row) throw missing(`Webhook with ID ${id} not found.`);
  return row;
}

async function loadWebhook(ctx: StoreContext, id: string): Promise<Webhook> {
  return (await withEvents(ctx, [await findWebhook(ctx, id)]))[0] as Webhook;
}

async function withEvents(ctx: StoreContext, found: readonly WebhookRow[]): Promise<Webhook[]> {
  const rows = await ctx.db.all<EventRow>(
    sql`select * from webhook_events where webhook_id in (${listed(found.map((row) => row.webhook_id))}) order by id`,
  );
  const byWebhook = groupBy(rows, (row) => row.webhook_id);
  return found.map((row) => {
    const all = byWebhook.get(row.webhook_id) ?? [];
    const events = all.filter((each) => each.entity !== 'RUN');
    const runEvents = all.filter((each) => each.entity === 'RUN');
    return {
      webhook_id: row.webhook_id,
      name: row.name,
      ...(row.description && { description: row.description }),
      url: row.url,
      events: events.length > 0 ? events.map(({ entity, action }) => ({ entity, action }) as WebhookEvent) : [NEVER],
      ...(runEvents.length > 0 && { run_events: runEvents.map(runEventOf) }),
      status: row.status,
      creation_timestamp: row.creation_time,
      last_updated_timestamp: row.last_update_time,
    };
  });
}

/** Stands for no event: MLflow's clients refuse an empty list. */
const NEVER: WebhookEvent = { entity: 'BUDGET_POLICY', action: 'EXCEEDED' };

function runEventOf({ action, experiment, metric_key, comparator, threshold }: EventRow): RunEvent {
  return {
    action: action as RunAction,
    ...(experiment !== null && { experiment_id: String(experiment) }),
    ...(metric_key !== null && { metric_key }),
    ...(comparator !== null && { comparator }),
    ...(threshold !== null && { threshold }),
  };
}

async function insertEvents(
  ctx: StoreContext,
  webhook: string,
  events: readonly WebhookEvent[],
  runEvents: readonly RunEvent[],
): Promise<void> {
  for (const { entity, action } of distinct(events)) {
    checkEvent({ entity, action });
    await ctx.db.run(
      sql`insert into webhook_events (webhook_id, entity, action) values (${webhook}, ${entity}, ${action})`,
    );
  }
  for (const event of distinct(runEvents)) {
    checkRunEvent(event);
    const { action, experiment_id, metric_key, comparator, threshold } = event;
    if (experiment_id !== undefined) await findExperiment(ctx, experiment_id);
    const experiment = experiment_id === undefined ? null : (experimentIdOf(experiment_id) ?? null);
    await ctx.db.run(
      sql`insert into webhook_events (webhook_id, entity, action, experiment, metric_key, comparator, threshold)
          values (${webhook}, 'RUN', ${action}, ${experiment}, ${metric_key ?? null}, ${comparator ?? null}, ${threshold ?? null})`,
    );
  }
}

const distinct = <T>(events: readonly T[]): T[] => [
  ...new Map(events.map((event) => [JSON.stringify(event), event])).values(),
];

async function deleteEvents(ctx: StoreContext, webhook: string): Promise<void> {
  await ctx.db.run(
    sql`delete from webhook_reached where event in (select id from webhook_events where webhook_id = ${webhook})`,
  );
  await ctx.db.run(sql`delete from webhook_events where webhook_id = ${webhook}`);
}

const NAME = /^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;

function checkName(name: string): void {
  if (!NAME.test(name)) {
    throw invalid(
      `Webhook name '${name}' is invalid. It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).`,
    );
  }
}

/** The scheme, and an address written as one: names are resolved, and looked at, when something is sent. */
function checkUrl(text: string, { schemes, allowPrivate }: WebhookSettings): void {
  const shown = text.slice(0, 200);
  if (text.trim() === '') throw invalid(`Webhook URL cannot be empty or just whitespace: '${shown}'`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1] ?? '';
    throw invalid(
      schemes.includes(scheme)
        ? `Webhook URL must include a hostname: '${shown}'`
        : `Invalid webhook URL scheme: '${scheme}'. Allowed schemes are: ${schemes.join(', ')}.`,
    );
  }
  const scheme = url.protocol.slice(0, -1);
  if (!schemes.includes(scheme) || (scheme !== 'http' && scheme !== 'https')) {
    throw invalid(`Invalid webhook URL scheme: '${scheme}'. Allowed schemes are: ${schemes.join(', ')}.`);
  }
  const host = hostOf(url);
  const isClosed = isIP(host) !== 0 ? !isPublicAddress(host) : /(^|\.)localhost\.?$/i.test(host);
  if (!allowPrivate && isClosed) {
    throw invalid(`Webhook URL must not resolve to a non-public IP address. '${host}' is not a public address.`);
  }
}

function checkEvent(event: WebhookEvent): void {
  if (exampleOf(event)) return;
  const { entity, action } = event;
  const actions = actionsOf(entity).map((each) => `'${each}'`);
  throw invalid(
    `Invalid action '${action.toLowerCase()}' for entity '${entity.toLowerCase()}'. Valid actions are: [${actions.join(', ')}]`,
  );
}

const COMPARATORS = ['>', '>=', '<', '<='];

function checkRunEvent({ action, metric_key, comparator, threshold }: RunEvent): void {
  if (action !== 'METRIC_REACHED') {
    if (metric_key !== undefined || comparator !== undefined || threshold !== undefined) {
      throw invalid(`The run event ${action} takes no metric_key, comparator or threshold; METRIC_REACHED does.`);
    }
    return;
  }
  if (!metric_key || threshold === undefined || Number.isNaN(threshold) || !COMPARATORS.includes(comparator ?? '')) {
    throw invalid(
      `The run event METRIC_REACHED needs metric_key, threshold and a comparator, one of ${COMPARATORS.join(', ')}.`,
    );
  }
  checkKey(metric_key, 'metric_key', 'Metric name');
}

/** Deliveries that wait: claimed by the deliverer, kept until they are answered or have failed for good. */
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, type WebhookEvent } from '../../../api/index.js';
import { sql } from '../../db/sql.js';
import type { PendingDelivery, deliveryCalls as table } from '../../webhooks/calls.js';
import { exampleOf } from '../../webhooks/examples.js';
import type { StoreContext } from '../context.js';
import { payloadOf } from './announce.js';
import { secretOf } from './secrets.js';
import { findWebhook } from './webhooks.js';

interface DueRow {
  id: number;
  delivery_id: string;
  url: string;
  secret: string | null;
  payload: string;
  attempts: number;
}

export const deliveries: Handlers<typeof table, StoreContext> = {
  async claimDeliveries({ limit, until }, ctx) {
    const now = ctx.now();
    // One server of several claims at a time; rows of a webhook that is not active wait until it is.
    const due = await ctx.db.all<DueRow>(
      sql`select id, delivery_id, url, secret, payload, attempts + 1 as attempts
          from webhook_deliveries join webhooks on webhooks.webhook_id = webhook_deliveries.webhook_id
          where due <= ${now} and status = 'ACTIVE' order by due, id limit ${limit} ${ctx.db.dialect.forUpdate}`,
    );
    for (const { id, attempts } of due) {
      await ctx.db.run(sql`update webhook_deliveries set attempts = ${attempts}, due = ${until} where id = ${id}`);
    }
    const next = await ctx.db.get<{ due: number | null }>(
      sql`select min(due) as due from webhook_deliveries join webhooks on webhooks.webhook_id = webhook_deliveries.webhook_id
          where status = 'ACTIVE'`,
    );
    const found: PendingDelivery[] = [];
    for (const { secret, ...row } of due) found.push({ ...row, ...(await secretOf(ctx, secret)) });
    return { deliveries: found, ...(next?.due && { next: next.due }) };
  },

  async settleDelivery({ id, due }, ctx) {
    await ctx.db.run(
      due === undefined
        ? sql`delete from webhook_deliveries where id = ${id}`
        : sql`update webhook_deliveries set due = ${due} where id = ${id}`,
    );
    return {};
  },

  async prepareWebhookTest({ webhook_id, event }, ctx) {
    const { url, secret } = await findWebhook(ctx, webhook_id);
    const asked = event ?? (await firstEvent(ctx, webhook_id));
    const data = exampleOf(asked);
    if (!data) throw invalid(`${asked.entity} knows no ${asked.action}.`);
    const payload = payloadOf(ctx, asked.entity, asked.action, data);
    const delivery = { id: 0, delivery_id: randomUUID(), url, payload, attempts: 1 };
    return { delivery: { ...delivery, ...(await secretOf(ctx, secret)) } };
  },
};

async function firstEvent(ctx: StoreContext, webhook: string): Promise<WebhookEvent> {
  const found = await ctx.db.get<WebhookEvent>(
    sql`select entity, action from webhook_events where webhook_id = ${webhook} and entity <> 'RUN' order by id limit 1`,
  );
  return found ?? { entity: 'REGISTERED_MODEL', action: 'CREATED' };
}

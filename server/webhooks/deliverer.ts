/** Sends what waits in the store, some at a time, again where it may help. Any number of servers may share one queue. */
import { MltrackError } from '../../api/index.js';
import { failed, type StoreResponse } from '../answer.js';
import { encode } from '../encode.js';
import type { Backend } from '../threads/backend.js';
import type { FrontRequest, Log } from '../threads/thread.js';
import type { PendingDelivery } from './calls.js';
import { type Answer, send } from './send.js';
import type { WebhookSettings } from './settings.js';

/** A claim outlives its try by this, in ms: then its server is taken for dead. */
const LEASE = 5_000;
/** Another server's deliveries are looked after this often, in ms. */
const LOOK_AFTER = 30_000;
/** Pauses between tries, doubled each time, in ms. Source: `backoff_factor` and `backoff_max` in `mlflow/webhooks/delivery.py`. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
const RETRIED = new Set([429, 500, 502, 503, 504]);

export class Deliverer {
  readonly #backend: Backend;
  readonly #settings: WebhookSettings;
  readonly #log: Log;
  readonly #sending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #claiming = false;
  #again = false;
  #closed = false;

  constructor(backend: Backend, settings: WebhookSettings, log: Log) {
    this.#backend = backend;
    this.#settings = settings;
    this.#log = log;
  }

  /** Something may be due. */
  wake(): void {
    if (this.#closed) return;
    if (this.#claiming) {
      this.#again = true;
      return;
    }
    this.#claiming = true;
    this.#again = false;
    this.#round()
      .catch((error: Error) => {
        this.#log(`webhooks: ${error.message}`);
        this.#wakeIn(LOOK_AFTER);
      })
      .finally(() => {
        this.#claiming = false;
        if (this.#again) this.wake();
      });
  }

  /** Ends after the tries in progress, or after `patience` ms: what they carried is tried again at the next start. */
  async close(patience: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const enough = new Promise((resolve) => setTimeout(resolve, patience).unref());
    await Promise.race([Promise.all(this.#sending), enough]);
  }

  async #round(): Promise<void> {
    clearTimeout(this.#timer);
    const limit = this.#settings.workers - this.#sending.size;
    // Whichever ends wakes again.
    if (limit <= 0) return;
    const until = Date.now() + this.#settings.timeout + LEASE;
    const { deliveries, next } = (await this.#call('claimDeliveries', { limit, until })) as {
      deliveries: PendingDelivery[];
      next?: number;
    };
    for (const delivery of deliveries) {
      const task = this.#deliver(delivery)
        .catch((error: Error) => this.#log(`webhooks: ${error.message}`))
        .finally(() => {
          this.#sending.delete(task);
          this.wake();
        });
      this.#sending.add(task);
    }
    this.#wakeIn(Math.min(Math.max((next ?? Infinity) - Date.now(), 0), LOOK_AFTER));
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.wake(), ms).unref();
  }

  async #deliver(delivery: PendingDelivery): Promise<void> {
    let answer: Answer | undefined;
    let why = '';
    try {
      answer = await send(delivery, this.#settings);
      why = `answered ${answer.status}`;
    } catch (error) {
      why = reason(error);
    }
    if (answer && answer.status < 400) return void (await this.#call('settleDelivery', { id: delivery.id }));
    const isLast = delivery.attempts > this.#settings.maxRetries || (answer && !RETRIED.has(answer.status));
    const { host } = new URL(delivery.url);
    if (isLast) {
      this.#log(`webhooks: gave up delivery ${delivery.delivery_id} to ${host} at try ${delivery.attempts}: ${why}`);
      await this.#call('settleDelivery', { id: delivery.id });
    } else {
      const pause = Math.min(FIRST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE) + Math.random() * 1000;
      const due = Math.ceil(Date.now() + Math.max(pause, answer?.retryAfter ?? 0));
      await this.#call('settleDelivery', { id: delivery.id, due });
    }
  }

  /** Answers `testWebhook`: one try, now. */
  async test(request: FrontRequest): Promise<StoreResponse> {
    const prepared = await this.#backend.send({ ...request, endpoint: 'prepareWebhookTest' });
    if (prepared.status !== 200) return prepared;
    const { delivery } = JSON.parse(Buffer.from(prepared.body).toString()) as { delivery: PendingDelivery };
    const result = await send(delivery, this.#settings).then(
      ({ status, body }) => ({ success: status < 400, response_status: status, response_body: body }),
      (error: unknown) => ({ success: false, error_message: `Failed to test webhook: ${reason(error)}` }),
    );
    return { status: 200, body: encode({ result }) };
  }

  async #call(endpoint: 'claimDeliveries' | 'settleDelivery', request: Record<string, unknown>): Promise<unknown> {
    const body = [encode(request)];
    const deadline = Date.now() + 60_000;
    const {
      status,
      body: bytes,
      failure,
    } = await this.#backend.send({
      endpoint,
      fields: {},
      body,
      requestId: 'webhooks',
      identity: 'server',
      deadline,
    });
    const value = JSON.parse(Buffer.from(bytes).toString());
    if (status !== 200) throw new Error(failure ?? value.message);
    return value;
  }
}

function reason(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || 'no answer';
}

/** A backend whose `testWebhook` is answered by the deliverer: a store cannot wait for the network. */
export function withWebhookTests(backend: Backend, deliverer: Deliverer): Backend {
  return {
    ...backend,
    send: (request) =>
      request.endpoint === 'testWebhook'
        ? deliverer.test(request).catch((error: unknown) => failed(unavailable(error)))
        : backend.send(request),
  };
}

const unavailable = (error: unknown) => new MltrackError('TEMPORARILY_UNAVAILABLE', reason(error));

/** One delivery over HTTP: signed, to an address that was looked at, without following redirects. */
import { createHmac } from 'node:crypto';
import { type LookupAddress, lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { VERSION } from '../../api/version.js';
import { hostOf, isPublicAddress } from './address.js';
import type { WebhookSettings } from './settings.js';

export interface Delivery {
  readonly delivery_id: string;
  readonly url: string;
  readonly secret?: string | undefined;
  /** JSON. */
  readonly payload: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** When the receiver wants to be asked again, in ms from now. */
  readonly retryAfter: number | undefined;
}

/** Of an answer's body, in bytes. */
const BODY_LIMIT = 64 * 1024;

/** Resolves with any answer, a refusal too. Rejects when there was none, with an Error that says why. */
export function send(delivery: Delivery, settings: WebhookSettings): Promise<Answer> {
  const url = new URL(delivery.url);
  const host = hostOf(url);
  if (isIP(host) !== 0 && !settings.allowPrivate && !isPublicAddress(host)) return Promise.reject(closedAddress(host));
  const body = Buffer.from(delivery.payload);
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      ...signed(delivery),
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      'User-Agent': `mltrack/${VERSION}`,
    },
    lookup: settings.allowPrivate ? undefined : publicLookup,
    signal: AbortSignal.timeout(settings.timeout),
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    request.on('response', (response) => answerOf(response).then(resolve, reject));
    request.on('error', (error) => {
      const timedOut = (error as NodeJS.ErrnoException).code === 'ABORT_ERR';
      reject(timedOut ? new Error(`no answer within ${settings.timeout / 1000} s`) : error);
    });
    request.end(body);
  });
}

/** MLflow's headers: the signature is of `<delivery id>.<seconds>.<payload>`. Source: `mlflow/webhooks/delivery.py`. */
function signed({ delivery_id, secret, payload }: Delivery): Record<string, string> {
  const seconds = String(Math.floor(Date.now() / 1000));
  const headers = { 'X-MLflow-Delivery-Id': delivery_id, 'X-MLflow-Timestamp': seconds };
  if (!secret) return headers;
  const signature = createHmac('sha256', secret).update(`${delivery_id}.${seconds}.${payload}`).digest('base64');
  return { ...headers, 'X-MLflow-Signature': `v1,${signature}` };
}

/** Resolves a name once, and connects to what was found only when all of it is public: nothing is asked a second time. */
const publicLookup: LookupFunction = (name, options, done) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    if (error) return done(error, []);
    const addresses = found as LookupAddress[];
    const closed = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (closed || !first) return done(closedAddress(name), []);
    if (options.all) done(null, addresses);
    else done(null, first.address, first.family);
  });
};

const closedAddress = (host: string) =>
  new Error(`${host} is not at a public address (MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS=true allows others)`);

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= BODY_LIMIT) break;
  }
  const seconds = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    body: Buffer.concat(pieces).subarray(0, BODY_LIMIT).toString(),
    retryAfter: Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) * 1000 : undefined,
  };
}

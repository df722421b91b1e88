/** What the front thread and a store thread say to each other: requests and responses in batches, their bytes in one transferred buffer. */
import type { StoreRequest, StoreResponse } from '../answer.js';
import { endpoints, type StoreEndpointName } from '../endpoints.js';
import type { Changes } from '../events/change-set.js';
import type { StoreSettings } from '../store/context.js';

/** What a store thread is started for. */
export interface ThreadSettings extends StoreSettings {
  readonly role: 'writer' | 'reader' | 'postgres';
  /** A file for SQLite, a URI for PostgreSQL. */
  readonly database: string;
  /** Connections of a PostgreSQL pool. */
  readonly connections: number;
}

export type ToThread =
  | RequestBatch
  /** Whether somebody wants to know what changes. */
  | { readonly type: 'watch'; readonly on: boolean }
  | { readonly type: 'close' };

export type FromThread =
  | { readonly type: 'ready' }
  /** It cannot start; `expected` when the message says it all. */
  | { readonly type: 'failed'; readonly message: string; readonly expected: boolean }
  | { readonly type: 'log'; readonly message: string }
  /** Webhook deliveries have been written and committed. */
  | { readonly type: 'enqueued' }
  /** Every commit from now on is told of. */
  | { readonly type: 'watching' }
  | { readonly type: 'changed'; readonly changes: Changes }
  | ResponseBatch
  | { readonly type: 'closed' };

/** Requests in columns. Body i is `bytes[ends[i-1], ends[i])`. */
export interface RequestBatch {
  readonly type: 'requests';
  readonly ids: readonly number[];
  /** Indexes into ENDPOINTS. */
  readonly endpoints: readonly number[];
  readonly fields: readonly StoreRequest['fields'][];
  readonly requestIds: readonly string[];
  /** Undefined where nobody has to sign in. */
  readonly identities: readonly StoreRequest['identity'][] | undefined;
  /** ms since the epoch after which nobody waits for the answer. */
  readonly deadlines: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: readonly number[];
}

export interface ResponseBatch {
  readonly type: 'responses';
  readonly ids: readonly number[];
  readonly statuses: readonly number[];
  readonly failures: readonly (string | undefined)[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: readonly number[];
}

export const ENDPOINTS = Object.keys(endpoints) as readonly StoreEndpointName[];
export const ENDPOINT_INDEX = new Map(ENDPOINTS.map((name, i) => [name, i]));

/** A request as a thread sees it. */
export interface ThreadRequest extends StoreRequest {
  readonly id: number;
  readonly deadline: number;
}

export function unpackRequests(batch: RequestBatch): ThreadRequest[] {
  return batch.ids.map((id, i) => ({
    id,
    endpoint: ENDPOINTS[batch.endpoints[i] as number] as StoreEndpointName,
    fields: batch.fields[i] as StoreRequest['fields'],
    requestId: batch.requestIds[i] as string,
    identity: batch.identities?.[i],
    deadline: batch.deadlines[i] as number,
    body: batch.bytes.subarray(i === 0 ? 0 : batch.ends[i - 1], batch.ends[i]),
  }));
}

export function packResponses(ids: readonly number[], responses: readonly StoreResponse[]): ResponseBatch {
  const { bytes, ends } = joinBytes(responses.map((response) => response.pieces ?? [response.body]));
  return {
    type: 'responses',
    ids,
    statuses: responses.map((response) => response.status),
    failures: responses.map((response) => response.failure),
    bytes,
    ends,
  };
}

/** Bodies, each in pieces, one after the other in a buffer of their own, which can be transferred. */
export function joinBytes(bodies: readonly (readonly Uint8Array[])[]): {
  bytes: Uint8Array<ArrayBuffer>;
  ends: number[];
} {
  let size = 0;
  for (const pieces of bodies) for (const piece of pieces) size += piece.byteLength;
  const bytes = new Uint8Array(size);
  let at = 0;
  const ends = bodies.map((pieces) => {
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    return at;
  });
  return { bytes, ends };
}

/** One request where the store runs: bytes → message → handler → bytes. It knows no HTTP connection and no thread. */
import type { Message, Shape } from '../api/index.js';
import type { StoreRequest, StoreResponse } from './answer.js';
import { authorised, grantCreated } from './auth/authorise.js';
import { piecesOf } from './encode.js';
import { endpoints } from './endpoints.js';
import { changeOf } from './events/changes.js';
import { parse } from './parse.js';
import type { StoreContext } from './store/context.js';
import { store } from './store/index.js';

/** A checked request: running it needs a transaction. */
export type Call = (context: StoreContext) => Promise<StoreResponse>;

/** Parses and checks a request. Throws MltrackError for a bad one; nothing has been opened then. */
export function prepare({ endpoint, fields, body, identity }: StoreRequest): Call {
  const message = parse(endpoints[endpoint].request as Message<Shape>, fields, body);
  const handler = store[endpoint as keyof typeof store] as (
    request: unknown,
    context: StoreContext,
  ) => Promise<unknown>;
  return async (context) => {
    const ctx = await authorised({ endpoint, identity }, message, context);
    const answer = await handler(message, ctx);
    await grantCreated(endpoint, message, answer, ctx);
    const change = ctx.changed && changeOf(endpoint, message, answer);
    if (change) ctx.changed?.(change);
    return new Answer(piecesOf(answer));
  };
}

class Answer implements StoreResponse {
  readonly status = 200;
  readonly pieces: readonly Uint8Array[];

  constructor(pieces: readonly Uint8Array[]) {
    this.pieces = pieces;
  }

  get body(): Uint8Array {
    return this.pieces.length === 1 ? (this.pieces[0] as Uint8Array) : Buffer.concat(this.pieces);
  }
}

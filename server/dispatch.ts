/** One request where the store runs: bytes → message → handler → bytes. It knows no HTTP connection and no thread. */
import { invalid, LostDigits, type Message, MltrackError, type Shape } from '../api/index.js';
import type { StoreRequest, StoreResponse } from './answer.js';
import { piecesOf } from './encode.js';
import { endpoints } from './endpoints.js';
import type { StoreContext } from './store/context.js';
import { store } from './store/index.js';

/** A checked request: running it needs a transaction. */
export type Call = (context: StoreContext) => Promise<StoreResponse>;

/** Parses and checks a request. Throws MltrackError for a bad one; nothing has been opened then. */
export function prepare({ endpoint, fields, body }: StoreRequest): Call {
  const message = parse(endpoints[endpoint].request as Message<Shape>, fields, body);
  const handler = store[endpoint as keyof typeof store] as (
    request: unknown,
    context: StoreContext,
  ) => Promise<unknown>;
  return async (context) => new Answer(piecesOf(await handler(message, context)));
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

function parse(schema: Message<Shape>, fields: StoreRequest['fields'], body: Uint8Array): unknown {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  try {
    return schema.parse(merged(schema, readJson(text), fields));
  } catch (error) {
    if (!(error instanceof LostDigits)) throw error;
    return schema.parse(merged(schema, readJson(quoteLongIntegers(text)), fields));
  }
}

function readJson(text: string): unknown {
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
    // Old clients encode twice.
    if (typeof value === 'string') value = JSON.parse(value);
  } catch (error) {
    throw new MltrackError('BAD_REQUEST', `The request body is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('The request body must be a JSON object.');
  }
  return value;
}

function merged(schema: Message<Shape>, value: unknown, fields: StoreRequest['fields']): unknown {
  const object = value as Record<string, unknown>;
  for (const [name, given] of Object.entries(fields)) {
    if (!Object.hasOwn(schema.shape, name)) continue;
    const repeated = schema.shape[name]?.type.doc.type === 'array';
    if (repeated) object[name] = Array.isArray(given) ? [...given] : [given];
    else object[name] = Array.isArray(given) ? given.at(-1) : given;
  }
  return object;
}

/** Integers that a double cannot hold, as strings of their digits; strings and fractions stay as they are. */
function quoteLongIntegers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    const value = token.startsWith('"') ? 0 : Number(token);
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return token;
    return `"${/^-?\d+$/.test(token) ? token : BigInt(value)}"`;
  });
}

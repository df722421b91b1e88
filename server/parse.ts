/** The message of a request, from its bytes and the fields of its path and query. */
import { invalid, LostDigits, type Message, MltrackError, type Shape } from '../api/index.js';
import type { StoreRequest } from './answer.js';

/** Throws MltrackError for what is no such message. */
export function parse(schema: Message<Shape>, fields: StoreRequest['fields'], body: Uint8Array): unknown {
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

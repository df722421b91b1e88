/** The table of codecs: a dialect to the codec that reads and writes it. */
import type { Codec, Payload, Reply } from './codec.js';
import { csv } from './csv.js';
import type { Dialect } from './dialect.js';
import { mlflowJson } from './mlflow-json.js';
import { pandasJson } from './pandas-json.js';

const CODECS: { [K in Dialect['codec']]: Codec<Extract<Dialect, { codec: K }>> } = {
  'mlflow-json': mlflowJson,
  'pandas-json': pandasJson,
  csv,
};

/** Throws BAD_REQUEST with the reason for a body that is not in the dialect. */
export function decode(body: Uint8Array, dialect: Dialect): Payload {
  return (CODECS[dialect.codec] as Codec<Dialect>).decode(body, dialect);
}

/** The reply as JSON. Throws BAD_REQUEST when the outputs do not fit the dialect's form. */
export function encode(reply: Reply, dialect: Dialect): string {
  return CODECS[dialect.codec].encode(reply);
}

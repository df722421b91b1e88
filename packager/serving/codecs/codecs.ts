/** The table of codecs: a dialect to the codec that reads and writes it. */
import type { MltrackError } from '../../../api/errors.js';
import type { JobReply } from '../protocol.js';
import type { Output } from '../tensor.js';
import type { Codec, Payload, Reply } from './codec.js';
import { csv } from './csv.js';
import { csvTable } from './csv-table.js';
import type { Dialect } from './dialect.js';
import { mlflowJson } from './mlflow-json.js';
import { npy } from './npy.js';
import { pandasJson } from './pandas-json.js';
import type { ReplyType } from './reply-type.js';
import { writeNpy } from './write-npy.js';

const CODECS: { [K in Dialect['codec']]: Codec<Extract<Dialect, { codec: K }>> } = {
  'mlflow-json': mlflowJson,
  'pandas-json': pandasJson,
  csv,
  npy,
};

/** Throws BAD_REQUEST with the reason for a body that is not in the dialect. */
export function decode(body: Uint8Array, dialect: Dialect): Payload {
  return (CODECS[dialect.codec] as Codec<Dialect>).decode(body, dialect);
}

/** The reply to a request in the dialect. Throws BAD_REQUEST when the outputs do not fit the dialect's form. */
export function encode(reply: Reply, dialect: Dialect, accept: ReplyType): JobReply {
  return { status: 200, type: accept, body: bodyOf(reply, dialect, accept) };
}

function bodyOf(reply: Reply, dialect: Dialect, accept: ReplyType): Uint8Array<ArrayBuffer> {
  if (accept === 'text/csv') return bytesOf(csvTable(reply.outputs));
  if (accept === 'application/x-npy') return writeNpy((reply.outputs[0] as Output).tensor);
  return bytesOf(CODECS[dialect.codec].encode(reply));
}

/** A refusal, as the dialect writes it. */
export function failureReply(error: MltrackError, _dialect: Dialect): JobReply {
  return { status: error.status, type: 'application/json', body: bytesOf(JSON.stringify(error.body())) };
}

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text);

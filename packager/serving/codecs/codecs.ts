/** The table of codecs: a dialect to the codec that reads and writes it. */
import type { MltrackError } from '../../../api/errors.js';
import type { JobReply } from '../engine/protocol.js';
import type { InferenceForm } from '../open-inference/binding.js';
import { writeInferenceReply } from '../open-inference/reply.js';
import { readInferenceRequest } from '../open-inference/request.js';
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

/** The dialects of `/invocations`, where the request also says what the reply is written as. */
type Invocation = Exclude<Dialect, { codec: 'open-inference' }>;

const CODECS: { [K in Invocation['codec']]: Codec<Extract<Dialect, { codec: K }>> } = {
  'mlflow-json': mlflowJson,
  'pandas-json': pandasJson,
  csv,
  npy,
};

/** Throws BAD_REQUEST with the reason for a body that is not in the dialect. */
export function decode(body: Uint8Array, dialect: Dialect): Payload {
  if (dialect.codec === 'open-inference') {
    return { kind: 'inference', request: readInferenceRequest(body, dialect.headerLength) };
  }
  return (CODECS[dialect.codec] as Codec<Dialect>).decode(body, dialect);
}

/** The reply to a request in the dialect. Throws BAD_REQUEST when the outputs do not fit the dialect's form. */
export function encode(reply: Reply, dialect: Dialect, accept: ReplyType): JobReply {
  if (dialect.codec === 'open-inference') {
    return writeInferenceReply(reply.outputs, reply.form as InferenceForm, dialect.model);
  }
  return { status: 200, type: accept, body: bodyOf(reply, dialect, accept) };
}

function bodyOf(reply: Reply, dialect: Invocation, accept: ReplyType): Uint8Array<ArrayBuffer> {
  if (accept === 'text/csv') return bytesOf(csvTable(reply.outputs));
  if (accept === 'application/x-npy') return writeNpy((reply.outputs[0] as Output).tensor);
  return bytesOf(CODECS[dialect.codec].encode(reply));
}

/** Of a longer message the rest is what was sent: a name of a megabyte, say. */
const MAX_MESSAGE = 4000;

/** A refusal, as the dialect writes it. */
export function failureReply(error: MltrackError, dialect: Dialect): JobReply {
  const { error_code, message: whole } = error.body();
  const message = whole.length > MAX_MESSAGE ? `${whole.slice(0, MAX_MESSAGE)}…` : whole;
  const body = dialect.codec === 'open-inference' ? { error: message } : { error_code, message };
  return { status: error.status, type: 'application/json', body: bytesOf(JSON.stringify(body)) };
}

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text);

/** A request to a model's process and its answer back, as streams. */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Running, unavailable } from './processes.js';

/** What of a request and of an answer is the model's business. */
const ASKED = ['content-type', 'content-length', 'accept'];
const ANSWERED = ['content-type', 'content-length', 'retry-after'];
/** How long a process that broke off may take to say why, in ms. */
const LAST_WORDS = 1_000;

/** Throws TEMPORARILY_UNAVAILABLE, with what the process said last, when it ends before it has answered. */
export async function forward({ url, process }: Running, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(ASKED.flatMap((name) => (req.headers[name] ? [[name, req.headers[name]]] : [])));
  const upstream = httpRequest(`${url}/invocations`, { method: 'POST', headers, agent: false });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once('response', resolve);
    upstream.once('error', reject);
  });
  // Of a client that went away nothing more comes, and the model need not go on.
  res.once('close', () => upstream.destroy());
  // A model that refuses a body does not read it to its end: then the answer counts, and not the broken pipe.
  pipeline(req, upstream).catch(() => {});
  let answer: IncomingMessage;
  try {
    answer = await answered;
  } catch (error) {
    if (res.destroyed) return;
    const silence = new Promise<string>((resolve) => setTimeout(resolve, LAST_WORDS, (error as Error).message).unref());
    throw unavailable(`The model’s process broke off: ${await Promise.race([process.ended, silence])}`);
  }
  res.statusCode = answer.statusCode ?? 500;
  for (const name of ANSWERED) {
    const value = answer.headers[name];
    if (value !== undefined) res.setHeader(name, value);
  }
  await pipeline(answer, res).catch(() => res.destroy());
}

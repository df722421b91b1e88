/** The line that asks a model server for a prediction from a shell. */
import type { Engine } from '../engine/engine.js';
import { curlLine } from './curl-line.js';
import { firstExample } from './examples.js';

/** Longer ones are hard to read in a terminal, and to paste. */
const LONGEST = 300;

/** Never rejects: without an answer in `timeout` milliseconds the line asks the server for its example. */
export async function curlFor(url: string, engine: Engine, timeout: number): Promise<string> {
  const example = await firstExample(engine, timeout).catch(() => undefined);
  const request = example ?? { contentType: 'application/json', body: '' };
  const longest = example === undefined || example.body.includes('\n') ? 0 : LONGEST;
  return curlLine(reachable(url), request, { longest, isExample: true });
}

/** Addresses to listen on are not always ones to connect to. */
const reachable = (url: string) => url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');

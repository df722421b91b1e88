/** A model's input example, which is a body of `/invocations`, as its graph takes it. */
import { readFileSync } from 'node:fs';
import { decode } from '../codecs/codecs.js';
import type { Feeds } from '../engine/batch.js';
import { bind, type Interface } from '../pyfunc.js';

/** Undefined when there is no file, or none that can be read. */
export function exampleFeeds(model: Interface, file: string | undefined): Feeds | undefined {
  if (file === undefined) return undefined;
  try {
    return bind(decode(readFileSync(file), { codec: 'mlflow-json' }), model).feeds;
  } catch {
    return undefined;
  }
}

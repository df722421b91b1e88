/** An engine for one caller: a worker that has all cores. */
import { availableParallelism } from 'node:os';
import type { ModelDescription } from './mlmodel.js';
import { type Engine, startEngine } from './serving/engine/engine.js';
import { sizingOf } from './serving/engine/sizing.js';

/** Rejects with the reason, in one line, when the model does not load. A worker may take as long as it needs. */
export function startSolo(model: ModelDescription): Promise<Engine> {
  const sizing = sizingOf(model.size, availableParallelism(), 1, { provider: 'cpu' });
  return startEngine({ model, provider: 'cpu', sizing, stuckAfter: Number.POSITIVE_INFINITY });
}

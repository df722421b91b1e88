/** Entries gathered into one log-batch within MLflow's limits, and what of a refused batch is at fault. */
import { type KeyValue, LIMITS, type MltrackError } from '../../api/index.js';
import type { Entry, WireMetric } from '../entries.js';
import { isRefusal } from './retry.js';

export interface Batch {
  readonly metrics: WireMetric[];
  readonly params: KeyValue[];
  readonly tags: KeyValue[];
}

export const sizeOf = ({ metrics, params, tags }: Batch) => metrics.length + params.length + tags.length;

export const emptyBatch = (): Batch => ({ metrics: [], params: [], tags: [] });

/** Adds an entry, if it is of the kinds that a batch holds and there is room. A key of a param or tag comes once a batch. */
export function added(batch: Batch, entry: Entry): boolean {
  if (entry.kind === 'metrics') {
    const { metrics } = entry;
    if (sizeOf(batch) + metrics.length > LIMITS.batchMetrics) return false;
    for (const metric of metrics) batch.metrics.push(metric);
    return true;
  }
  if (entry.kind === 'params') return addedPairs(batch, batch.params, entry.params, LIMITS.batchParams);
  if (entry.kind === 'tags') return addedPairs(batch, batch.tags, entry.tags, LIMITS.batchTags);
  return false;
}

function addedPairs(batch: Batch, to: KeyValue[], pairs: readonly KeyValue[], limit: number): boolean {
  if (to.length + pairs.length > limit || sizeOf(batch) + pairs.length > LIMITS.batchTotal) return false;
  if (to.length > 0 && pairs.some(({ key }) => to.some((other) => other.key === key))) return false;
  to.push(...pairs);
  return true;
}

export type Refused = (batch: Batch, error: MltrackError) => void;

/**
 * Sends a batch; what the server refuses is halved until the part at fault stands alone, so that the rest lands. Halves that are
 * refused for the same reason are not looked into further: the run itself is at fault then.
 */
export async function sendBatch(
  send: (batch: Batch) => Promise<unknown>,
  batch: Batch,
  refused: Refused,
): Promise<void> {
  const error = await refusalOf(send, batch);
  if (error) await halve(send, batch, error, refused);
}

async function halve(
  send: (batch: Batch) => Promise<unknown>,
  batch: Batch,
  error: MltrackError,
  refused: Refused,
): Promise<void> {
  if (sizeOf(batch) <= 1) return refused(batch, error);
  const parts = halves(batch);
  const errors: (MltrackError | undefined)[] = [];
  for (const part of parts) errors.push(await refusalOf(send, part));
  if (errors.every((each) => each !== undefined && reasonOf(each) === reasonOf(error))) return refused(batch, error);
  for (const [i, part] of parts.entries()) {
    const each = errors[i];
    if (each) await halve(send, part, each, refused);
  }
}

/** The message without the request's own id. */
const reasonOf = (error: MltrackError) => error.message.replace(/ \([A-Z]+ http[^)]*\)$/, '');

async function refusalOf(send: (batch: Batch) => Promise<unknown>, batch: Batch): Promise<MltrackError | undefined> {
  try {
    await send(batch);
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

function halves({ metrics, params, tags }: Batch): Batch[] {
  const kinds = [metrics, params, tags].filter((list) => list.length > 0).length;
  if (kinds > 1) {
    return [
      { metrics, params: [], tags: [] },
      { metrics: [], params, tags: [] },
      { metrics: [], params: [], tags },
    ].filter((batch) => sizeOf(batch) > 0);
  }
  const half = <T>(list: T[]): [T[], T[]] => {
    const middle = Math.ceil(list.length / 2);
    return [list.slice(0, middle), list.slice(middle)];
  };
  const [m1, m2] = half(metrics);
  const [p1, p2] = half(params);
  const [t1, t2] = half(tags);
  return [
    { metrics: m1, params: p1, tags: t1 },
    { metrics: m2, params: p2, tags: t2 },
  ];
}

/** The shapes of curves in a table's rows: those of the rows in sight that are asked for in one turn come in one request. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Curve } from '../../api/index.js';
import { client } from './connection.js';

/** A curve as large as a word has room for no more. */
const BUCKETS = 24;
const DIGITS = 4;
const RUNS_IN_REQUEST = 200;
const CURVES_IN_REQUEST = 1_000;

interface Waiting {
  runId: string;
  key: string;
  resolve: (curve: Curve | null) => void;
  reject: (error: unknown) => void;
}

let waiting: Waiting[] = [];

function readCurve(runId: string, key: string): Promise<Curve | null> {
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setTimeout(send);
    waiting.push({ runId, key, resolve, reject });
  });
}

function send(): void {
  const all = waiting;
  waiting = [];
  const keys = [...new Set(all.map(({ key }) => key))].slice(0, CURVES_IN_REQUEST);
  const runIds = [...new Set(all.map(({ runId }) => runId))];
  const most = Math.max(1, Math.min(RUNS_IN_REQUEST, Math.floor(CURVES_IN_REQUEST / keys.length)));
  for (let at = 0; at < runIds.length; at += most) {
    const part = new Set(runIds.slice(at, at + most));
    answer(
      all.filter(({ runId }) => part.has(runId)),
      [...part],
      keys,
    );
  }
}

async function answer(asks: readonly Waiting[], run_ids: string[], metric_keys: string[]): Promise<void> {
  try {
    const wanted = { run_ids, metric_keys, buckets: BUCKETS, digits: DIGITS, columns: ['mean'] };
    const { curves } = await client.getMetricCurves(wanted);
    const found = new Map(curves.map((curve) => [`${curve.run_id} ${curve.key}`, curve]));
    for (const { runId, key, resolve } of asks) resolve(found.get(`${runId} ${key}`) ?? null);
  } catch (error) {
    for (const { reject } of asks) reject(error);
  }
}

/** `value` is what the table shows of the metric: with another one the curve is read anew. */
export function useRowCurve(runId: string, key: string, value: number): Curve | undefined {
  const { data } = useQuery({
    queryKey: ['row-curve', key, runId, value],
    queryFn: () => readCurve(runId, key),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  return data ?? undefined;
}

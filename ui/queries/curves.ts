/**
 * The curves that charts draw: read in few requests for many charts, kept while they may be drawn again, and grown by their
 * tails only. Windows, which zooming asks for, are not kept.
 */
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { type Curve, coarsened, curveOf, tailStart, withTail } from '../charts/model/curve.js';
import { client } from './connection.js';

/** Curves of one request: a few charts' worth, so that the first are drawn before the last are read. */
const CURVES_IN_REQUEST = 200;
const RUNS_IN_REQUEST = 200;
const COLUMNS = ['min', 'max', 'mean'];
/** Significant digits: a drawing of a whole history has room for no more, while one may zoom far into a window. */
const DIGITS = 7;
const FINE_DIGITS = 12;
/** Entries of curves that are kept though no chart shows them. */
const ENTRIES_KEPT = 400_000;

interface Ask {
  keys: readonly string[];
  runIds: readonly string[];
  buckets: number;
  /** Buckets are to have their last values too. */
  withLast: boolean;
  /** The first and the last step; undefined: all. */
  steps?: readonly [start: number, end: number | undefined] | undefined;
}

interface Waiting extends Ask {
  resolve: (curves: Curve[]) => void;
  reject: (error: unknown) => void;
}

let waiting: Waiting[] = [];

/** What is asked for in one turn, for the same runs and steps, goes in one request. */
export function readCurves(ask: Ask): Promise<Curve[]> {
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setTimeout(send);
    waiting.push({ ...ask, resolve, reject });
  });
}

function send(): void {
  const batches = new Map<string, Waiting[]>();
  for (const each of waiting) {
    const sign = JSON.stringify([each.runIds, each.buckets, each.withLast, each.steps]);
    const known = batches.get(sign);
    if (known) known.push(each);
    else batches.set(sign, [each]);
  }
  waiting = [];
  for (const batch of batches.values()) sendInParts(batch);
}

function sendInParts(batch: readonly Waiting[]): void {
  const most = Math.max(1, Math.floor(CURVES_IN_REQUEST / Math.max(1, batch[0]?.runIds.length ?? 1)));
  let part: Waiting[] = [];
  let keys = 0;
  for (const each of batch) {
    if (keys > 0 && keys + each.keys.length > most) {
      answer(part);
      part = [];
      keys = 0;
    }
    part.push(each);
    keys += each.keys.length;
  }
  if (part.length > 0) answer(part);
}

async function answer(asks: readonly Waiting[]): Promise<void> {
  const [{ runIds, buckets, withLast, steps }] = asks as [Waiting, ...Waiting[]];
  const keys = [...new Set(asks.flatMap((ask) => ask.keys))];
  try {
    const parts = Array.from({ length: Math.ceil(runIds.length / RUNS_IN_REQUEST) }, (_, part) =>
      client.getMetricCurves({
        run_ids: runIds.slice(part * RUNS_IN_REQUEST, (part + 1) * RUNS_IN_REQUEST),
        metric_keys: keys,
        buckets,
        columns: withLast ? [...COLUMNS, 'last'] : COLUMNS,
        digits: steps ? FINE_DIGITS : DIGITS,
        ...(steps && { start_step: steps[0], ...(steps[1] !== undefined && { end_step: steps[1] }) }),
      }),
    );
    const curves = (await Promise.all(parts)).flatMap((each) => each.curves.map(curveOf));
    for (const ask of asks) ask.resolve(curves.filter(({ key }) => ask.keys.includes(key)));
  } catch (error) {
    for (const ask of asks) ask.reject(error);
  }
}

interface Entry {
  /** Undefined: the run has no such metric, or it is being read. */
  curve: Curve | undefined;
  buckets: number;
  state: 'reading' | 'ready' | 'failed';
  error?: Error | undefined;
}

/** By metric, then by run. */
const store = new Map<string, Map<string, Entry>>();
const versions = new Map<string, number>();
const listeners = new Map<string, Set<() => void>>();

function entriesOf(key: string): Map<string, Entry> {
  const known = store.get(key);
  if (known) return known;
  const made = new Map<string, Entry>();
  store.set(key, made);
  return made;
}

function changed(keys: Iterable<string>): void {
  for (const key of keys) {
    versions.set(key, (versions.get(key) ?? 0) + 1);
    for (const listener of listeners.get(key) ?? []) listener();
  }
}

/** Reads what is not there yet, or is there in too few buckets or columns. */
function need(keys: readonly string[], runIds: readonly string[], buckets: number, withLast: boolean): void {
  for (const key of keys) {
    const entries = entriesOf(key);
    // The most recently drawn metric is the last to be forgotten.
    store.delete(key);
    store.set(key, entries);
    const missing = runIds.filter((runId) => {
      const entry = entries.get(runId);
      if (!entry) return true;
      if (entry.state !== 'ready' || !entry.curve || entry.curve.bucketSteps === 0) return false;
      return entry.buckets * 1.5 < buckets || (withLast && !entry.curve.hasLast);
    });
    if (missing.length > 0) fill(key, missing, buckets, withLast);
  }
}

async function fill(key: string, runIds: readonly string[], buckets: number, withLast: boolean): Promise<void> {
  const entries = entriesOf(key);
  for (const runId of runIds) entries.set(runId, { curve: entries.get(runId)?.curve, buckets, state: 'reading' });
  try {
    const curves = new Map(
      (await readCurves({ keys: [key], runIds, buckets, withLast })).map((curve) => [curve.runId, curve]),
    );
    for (const runId of runIds) entries.set(runId, { curve: curves.get(runId), buckets, state: 'ready' });
  } catch (error) {
    for (const runId of runIds) {
      entries.set(runId, { curve: entries.get(runId)?.curve, buckets, state: 'failed', error: error as Error });
    }
  }
  forgetSome();
  changed([key]);
}

/** The longest unseen metrics go first. */
function forgetSome(): void {
  let size = 0;
  for (const [key, entries] of [...store].reverse()) {
    for (const { curve } of entries.values()) size += curve?.steps.length ?? 0;
    if (size > ENTRIES_KEPT && !listeners.get(key)?.size) store.delete(key);
  }
}

/**
 * Says that runs have new points: what charts show of them is read from its last known step on. `keys` undefined: of any
 * metric.
 */
export function growCurves(runIds: readonly string[], keys?: readonly string[]): void {
  for (const runId of runIds) {
    // Metrics that were logged together end at the same step: one request for those.
    const tails = new Map<number, string[]>();
    for (const key of keys ?? store.keys()) {
      const entry = store.get(key)?.get(runId);
      if (entry?.state !== 'ready') continue;
      if (!listeners.get(key)?.size) {
        store.get(key)?.delete(runId);
        continue;
      }
      const start = entry.curve && tailStart(entry.curve);
      if (start === undefined) fill(key, [runId], entry.buckets, false);
      else tails.set(start, [...(tails.get(start) ?? []), key]);
    }
    for (const [start, members] of tails) growRun(runId, members, start);
  }
}

const growing = new Set<string>();
const TAIL = { buckets: 1_000, withLast: true };

async function growRun(runId: string, keys: readonly string[], start: number): Promise<void> {
  const wanted = keys.filter((key) => !growing.has(`${runId} ${key}`));
  if (wanted.length === 0) return;
  for (const key of wanted) growing.add(`${runId} ${key}`);
  try {
    for (const tail of await readCurves({ ...TAIL, keys: wanted, runIds: [runId], steps: [start, undefined] })) {
      const entry = store.get(tail.key)?.get(runId);
      if (!entry?.curve || entry.state !== 'ready' || tailStart(entry.curve) !== start) continue;
      const grown = coarsened(withTail(entry.curve, tail, start), entry.buckets * 2);
      store.get(tail.key)?.set(runId, { ...entry, curve: grown });
    }
    changed(wanted);
  } catch {
    // The next change, or the next look, reads it again; what is drawn stays.
  } finally {
    for (const key of wanted) growing.delete(`${runId} ${key}`);
  }
}

export interface CurvesAnswer {
  /** By metric, then by run. A new object whenever something changes. */
  curveOf: (key: string, runId: string) => Curve | undefined;
  /** Some have not come yet. */
  isReading: boolean;
  error: Error | undefined;
  retry: () => void;
}

/** Whole histories; nothing is read while `buckets` is 0. */
export function useCurves(
  keys: readonly string[],
  runIds: readonly string[],
  buckets: number,
  withLast: boolean,
): CurvesAnswer {
  const keySign = JSON.stringify(keys);
  const runSign = runIds.join();
  const subscribe = useCallback(
    (listener: () => void) => {
      const mine = JSON.parse(keySign) as string[];
      for (const key of mine) {
        const known = listeners.get(key);
        if (known) known.add(listener);
        else listeners.set(key, new Set([listener]));
      }
      return () => {
        for (const key of mine) listeners.get(key)?.delete(listener);
      };
    },
    [keySign],
  );
  const version = useSyncExternalStore(subscribe, () => keys.map((key) => versions.get(key) ?? 0).join());
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signs stand for the lists, which are new objects at every drawing
  useEffect(() => {
    if (buckets > 0) need(keys, runIds, buckets, withLast);
  }, [keySign, runSign, buckets, withLast, version]);
  const entries = keys.flatMap((key) => runIds.map((runId) => store.get(key)?.get(runId)));
  return {
    curveOf: (key, runId) => store.get(key)?.get(runId)?.curve,
    isReading: entries.some((entry) => !entry || entry.state === 'reading'),
    error: entries.find((entry) => entry?.state === 'failed')?.error,
    retry: () => {
      for (const key of keys) {
        const failed = runIds.filter((runId) => store.get(key)?.get(runId)?.state === 'failed');
        if (failed.length > 0) fill(key, failed, buckets, withLast);
      }
      changed(keys);
    },
  };
}

/** ms that a window must hold still before it is read. */
const REST = 120;

interface WindowAnswer {
  curves: ReadonlyMap<string, Curve>;
  /** The first step of the window. */
  start: number;
}

/** Finer curves of some steps; the last ones that came, until others do. Undefined while no window is wanted. */
export function useWindow(
  keys: readonly string[],
  runIds: readonly string[],
  steps: readonly [number, number] | undefined,
  buckets: number,
  withLast: boolean,
): WindowAnswer | undefined {
  const [answer, setAnswer] = useState<WindowAnswer>();
  const sign = JSON.stringify([keys, runIds, steps]);
  useEffect(() => {
    const [wantedKeys, wantedRuns, wanted] = JSON.parse(sign) as [string[], string[], [number, number] | null];
    if (!wanted || wantedRuns.length === 0) {
      setAnswer(undefined);
      return;
    }
    let isCurrent = true;
    const timer = setTimeout(async () => {
      try {
        const curves = await readCurves({ keys: wantedKeys, runIds: wantedRuns, buckets, withLast, steps: wanted });
        const byId = new Map(curves.map((curve) => [`${curve.runId} ${curve.key}`, curve]));
        if (isCurrent) setAnswer({ curves: byId, start: wanted[0] });
      } catch {
        // The whole curves are still drawn, only coarser.
      }
    }, REST);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [sign, buckets, withLast]);
  return steps ? answer : undefined;
}

/**
 * The page's one stream of events, for everybody on it who listens. It asks for what they want together, rests while nobody looks
 * at the page, comes again by itself, and says how it stands. Hooks over it are in state/live.ts.
 */
import { type ChangedRun, eventsUrl, type RunsEvent } from '../../client/index.js';
import { client } from './connection.js';

export interface Wanted {
  /** Runs of these experiments, and these runs; everything when both are absent or empty. */
  experimentIds?: readonly string[] | undefined;
  runIds?: readonly string[] | undefined;
}

export interface News {
  /** One entry a run; a listener also hears of runs that only another one asked for. */
  runs: readonly ChangedRun[];
  /** Registered models or their versions changed. */
  registry: boolean;
  /** What happened is not known: read everything anew. */
  anew: boolean;
}

/** `resting`: nobody listens, or nobody looks. `polling`: the stream does not come through, and things are read every few seconds. */
export type LiveState = 'resting' | 'connecting' | 'connected' | 'retrying' | 'polling';

interface Listener {
  wanted: Wanted;
  hear: (news: News) => void;
}

/** More ids than the server takes are not asked for one by one. */
const MOST_IDS = 100;
/** Listeners come and go together when a page changes, in ms. */
const SETTLE = 50;
/** A page that is hidden for so long lets go of its connection: a browser has six for all its tabs. */
const HIDDEN = 10_000;
const AGAIN = 3_000;
/** Tries in vain after which things are read every few seconds instead. */
const ENOUGH = 3;
const LONGEST_PAUSE = 60_000;

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
let state: LiveState = 'resting';
let source: EventSource | undefined;
let url = '';
let lastId = '';
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Hears news until the answered function is called. */
export function listen(wanted: Wanted, hear: (news: News) => void): () => void {
  const listener = { wanted, hear };
  listeners.add(listener);
  soon(settle, SETTLE);
  return () => {
    listeners.delete(listener);
    soon(settle, SETTLE);
  };
}

export const liveState = () => state;

export function watchLiveState(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function soon(task: () => void, delay: number): void {
  clearTimeout(timer);
  timer = setTimeout(task, delay);
}

function become(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const watcher of watchers) watcher();
}

/** Connects to what is wanted now, where that is another stream than the one there is. */
function settle(): void {
  if (listeners.size === 0 || document.hidden) {
    leave();
    become('resting');
    return;
  }
  const wanted = eventsUrl(client.uri, together());
  if (source && wanted === url) return;
  leave();
  url = wanted;
  connect();
}

function together(): { experimentIds?: string[]; runIds?: string[] } {
  const experiments = new Set<string>();
  const runs = new Set<string>();
  for (const { wanted } of listeners) {
    const { experimentIds = [], runIds = [] } = wanted;
    if (experimentIds.length + runIds.length === 0) return {};
    for (const id of experimentIds) experiments.add(id);
    for (const id of runIds) runs.add(id);
  }
  if (experiments.size > MOST_IDS || runs.size > MOST_IDS) return {};
  return { experimentIds: [...experiments].sort(), runIds: [...runs].sort() };
}

function connect(): void {
  if (state !== 'polling') become(failures === 0 ? 'connecting' : 'retrying');
  const since = lastId && `${url.includes('?') ? '&' : '?'}since=${encodeURIComponent(lastId)}`;
  const opened = new EventSource(url + since);
  source = opened;
  opened.addEventListener('ready', (event) => {
    // Before the first id everything was read while nobody listened.
    const isFirst = lastId === '';
    noteId(event);
    const wasLost = failures > 0;
    failures = 0;
    become('connected');
    if (isFirst && wasLost) tell({ runs: [], registry: true, anew: true });
  });
  opened.addEventListener('runs', (event) => {
    noteId(event);
    const { runs, registry = false } = JSON.parse(event.data) as RunsEvent;
    tell({ runs, registry, anew: false });
  });
  opened.addEventListener('reset', (event) => {
    noteId(event);
    tell({ runs: [], registry: true, anew: true });
  });
  opened.addEventListener('error', () => {
    if (source !== opened) return;
    leave();
    failures++;
    become(failures < ENOUGH ? 'retrying' : 'polling');
    soon(settle, Math.min(AGAIN * 2 ** Math.max(0, failures - ENOUGH), LONGEST_PAUSE));
  });
}

function leave(): void {
  source?.close();
  source = undefined;
}

function noteId({ lastEventId }: MessageEvent): void {
  if (lastEventId) lastId = lastEventId;
}

function tell(news: News): void {
  for (const { hear } of [...listeners]) hear(news);
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) soon(settle, HIDDEN);
  else settle();
});

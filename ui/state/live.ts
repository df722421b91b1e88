/** What changes on the server while a page is open: heard over the page's stream of events, or by asking every few seconds where that fails. */
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { LIVE_INTERVAL } from '../queries/connection.js';
import {
  type LiveState,
  listen,
  liveState,
  type News,
  type Wanted,
  watchLiveState,
} from '../queries/live-connection.js';

export type { ChangedRun } from '../../client/index.js';
export type { LiveState, News, Wanted } from '../queries/live-connection.js';

/** Where the stream works, another server of the same database may still have written: then this often is enough, in ms. */
const SLOW_INTERVAL = 30_000;

interface Options {
  /** A run that is shown still writes: while the page is looked at, things are read anew from time to time. */
  isRunning?: boolean;
}

/**
 * Calls `onNews` with what changes: `news.runs` (also of runs that other parts of the page follow), `news.registry`, or `news.anew` when
 * everything should be read again. Without ids it hears of everything.
 */
export function useLive(wanted: Wanted, onNews: (news: News) => void, { isRunning = false }: Options = {}): void {
  const hear = useEffectEvent(onNews);
  const experiments = wanted.experimentIds?.join(' ') ?? '';
  const runs = wanted.runIds?.join(' ') ?? '';
  useEffect(() => {
    const ids = (text: string) => (text === '' ? undefined : text.split(' '));
    return listen({ experimentIds: ids(experiments), runIds: ids(runs) }, (news) => hear(news));
  }, [experiments, runs]);
  const interval = useLiveState() === 'connected' ? SLOW_INTERVAL : LIVE_INTERVAL;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => {
      if (!document.hidden) hear({ runs: [], registry: false, anew: true });
    }, interval);
    return () => clearInterval(timer);
  }, [isRunning, interval]);
}

export const useLiveState = (): LiveState => useSyncExternalStore(watchLiveState, liveState);

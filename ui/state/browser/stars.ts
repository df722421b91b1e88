/** The experiments that this browser's user marked with a star. */
import { useSyncExternalStore } from 'react';
import { keep, kept } from '../kept.js';

const KEY = 'mltrack.stars';
const listeners = new Set<() => void>();
let current: ReadonlySet<string> = new Set(kept(KEY)?.split(',').filter(Boolean));

export function toggleStar(experimentId: string): void {
  const next = new Set(current);
  if (!next.delete(experimentId)) next.add(experimentId);
  current = next;
  keep(KEY, next.size > 0 ? [...next].join() : undefined);
  for (const listener of listeners) listener();
}

export const useStars = (): ReadonlySet<string> =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );

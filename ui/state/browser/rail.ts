/** Whether the rail at the left is folded to icons in this browser. */
import { useSyncExternalStore } from 'react';
import { keep, kept } from '../kept.js';

const KEY = 'mltrack.rail';
const listeners = new Set<() => void>();

const isFolded = () => kept(KEY) === 'folded';

export function toggleRail(): void {
  keep(KEY, isFolded() ? undefined : 'folded');
  for (const listener of listeners) listener();
}

export const useFoldedRail = (): boolean =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isFolded);

/** How high the rows of tables are in this browser: compact, or cosy. On narrow screens they are as high as a finger needs. */
import { useSyncExternalStore } from 'react';
import { keep, kept } from '../kept.js';
import { useNarrow } from '../media.js';

export type Density = 'compact' | 'cosy';

const KEY = 'mltrack.density';
const listeners = new Set<() => void>();

const density = (): Density => (kept(KEY) === 'cosy' ? 'cosy' : 'compact');

export function setDensity(wanted: Density): void {
  keep(KEY, wanted === 'cosy' ? wanted : undefined);
  applyDensity();
}

/** The page's root carries it as `data-density`, for the heights of buttons and fields. */
export function applyDensity(): void {
  document.documentElement.dataset.density = density();
  for (const listener of listeners) listener();
}

export function useDensity(): { density: Density; rowHeight: number } {
  const chosen = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, density);
  const isNarrow = useNarrow();
  return { density: chosen, rowHeight: isNarrow ? 44 : chosen === 'cosy' ? 36 : 28 };
}

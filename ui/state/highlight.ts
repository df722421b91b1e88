/** What one points at, shared by all charts and the table beside them: a run, and a place of the horizontal axis. */
import { useSyncExternalStore } from 'react';

export interface Pointer {
  /** What the place is on: `step`, `time`, … Charts with another axis take no notice. */
  axis: string;
  x: number;
}

/** ms that the pointer rests on a run before everything else on the page takes notice: it sweeps over many. */
const REST = 40;

const runListeners = new Set<() => void>();
const pointerListeners = new Set<() => void>();
let run: string | undefined;
let pointer: Pointer | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

const subscribeTo = (listeners: Set<() => void>) => (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

/** Undefined: nothing is pointed at. */
export function highlightRun(runId: string | undefined): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (run === runId) return;
    run = runId;
    for (const listener of runListeners) listener();
  }, REST);
}

export function movePointer(to: Pointer | undefined): void {
  if (pointer?.x === to?.x && pointer?.axis === to?.axis) return;
  pointer = to;
  for (const listener of pointerListeners) listener();
}

const subscribeRun = subscribeTo(runListeners);
export const useHighlightedRun = () => useSyncExternalStore(subscribeRun, () => run);
/** For drawings, which follow without React. */
export const subscribePointer = subscribeTo(pointerListeners);
export const currentPointer = () => pointer;

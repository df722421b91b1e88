/** What one points at, shared by all charts and the table beside them: a run, and a place of the horizontal axis. */
import { useSyncExternalStore } from 'react';

export interface Pointer {
  /** What the place is on: `step`, `time`, … Charts with another axis take no notice. */
  axis: string;
  x: number;
}

const listeners = new Set<() => void>();
let run: string | undefined;
let pointer: Pointer | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tell = () => {
  for (const listener of listeners) listener();
};

/** Undefined: nothing is pointed at. */
export function highlightRun(runId: string | undefined): void {
  if (run === runId) return;
  run = runId;
  tell();
}

export function movePointer(to: Pointer | undefined): void {
  if (pointer?.x === to?.x && pointer?.axis === to?.axis) return;
  pointer = to;
  tell();
}

export const useHighlightedRun = () => useSyncExternalStore(subscribe, () => run);
/** For drawings, which follow without React. */
export const subscribePointer = subscribe;
export const currentPointer = () => pointer;

/** Short messages at the foot of the page, each for ten seconds, with one thing to do about it: undo. */
import { useSyncExternalStore } from 'react';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'bad';
  action?: { label: string; run: () => void } | undefined;
}

const STAY = 10_000;
const listeners = new Set<() => void>();
let current: readonly Toast[] = [];
let last = 0;

function set(toasts: readonly Toast[]): void {
  current = toasts;
  for (const listener of listeners) listener();
}

export function dismissToast(id: number): void {
  set(current.filter((each) => each.id !== id));
}

export function toast(text: string, options: Partial<Pick<Toast, 'tone' | 'action'>> = {}): void {
  const id = ++last;
  set([...current.slice(-2), { id, text, tone: options.tone ?? 'plain', action: options.action }]);
  setTimeout(() => dismissToast(id), STAY);
}

/** Says what could not be done, and why. */
export const toastError = (what: string, error: unknown): void =>
  toast(`${what}: ${error instanceof Error ? error.message : String(error)}`, { tone: 'bad' });

export const useToasts = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );

/** The experiments last visited in this browser. */
import { useEffect, useSyncExternalStore } from 'react';

export interface Visited {
  id: string;
  name: string;
}

const KEY = 'mltrack.recent';
const MOST = 8;
const listeners = new Set<() => void>();
let current = read();

function read(): Visited[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(found) ? found.filter(isVisited).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function isVisited(value: unknown): value is Visited {
  const { id, name } = (value ?? {}) as Partial<Visited>;
  return typeof id === 'string' && typeof name === 'string';
}

/** Puts the experiment first on the list, once its name is known. */
export function useVisit(id: string, name: string | undefined): void {
  useEffect(() => {
    if (name !== undefined) noteVisit({ id, name });
  }, [id, name]);
}

function noteVisit(visited: Visited): void {
  const [first] = current;
  if (first?.id === visited.id && first.name === visited.name) return;
  current = [visited, ...current.filter(({ id }) => id !== visited.id)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is full or switched off: the list lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useRecent = () => useSyncExternalStore(subscribe, () => current);

/** Light or dark: what this browser chose, or what the system says. The page's root carries the outcome as `data-theme`. */
import { useSyncExternalStore } from 'react';
import { keep, kept } from '../kept.js';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'mltrack.theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

export const theme = (): Theme => {
  const found = kept(KEY);
  return found === 'light' || found === 'dark' ? found : 'system';
};

const isDark = () => (theme() === 'system' ? systemDark.matches : theme() === 'dark');

export function setTheme(chosen: Theme): void {
  keep(KEY, chosen === 'system' ? undefined : chosen);
  applyTheme();
}

/** To be called before the first drawing, and by itself when the system's setting changes. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
  for (const listener of listeners) listener();
}

systemDark.addEventListener('change', applyTheme);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useTheme = () => useSyncExternalStore(subscribe, theme);
/** Whether the page is dark now: what is drawn on a canvas must be drawn anew when it changes. */
export const useDark = () => useSyncExternalStore(subscribe, isDark);

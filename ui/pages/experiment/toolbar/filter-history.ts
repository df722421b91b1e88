/** The filters that were last applied in this browser. */
import { keep, kept } from '../../../state/kept.js';

const KEY = 'mltrack.filters';
const MOST = 30;

export function filterHistory(): string[] {
  try {
    const found: unknown = JSON.parse(kept(KEY) ?? '[]');
    return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

export function addToHistory(text: string): void {
  if (!text.trim()) return;
  keep(KEY, JSON.stringify([text, ...filterHistory().filter((each) => each !== text)].slice(0, MOST)));
}

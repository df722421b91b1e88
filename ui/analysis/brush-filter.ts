/**
 * Brushes as a filter. Params are texts to the filter language, so a range of a numeric param becomes the values within it where
 * they are few; where they are many, the brushed runs by their ids; and where those are many too, no filter can say it.
 */

import { columnReference } from '../display/run-columns.js';
import { type Brush, isRange } from './brush.js';
import type { NumberColumn, RunFrame } from './run-frame.js';

const MOST_VALUES = 20;
/** A filter stands in the URL: so many ids take 3,500 characters. */
export const MOST_IDS = 100;

export type BrushFilter = { filter: string; isByIds: boolean } | { filter: undefined; reason: string };

export function filterOfBrushes(frame: RunFrame, brushes: readonly Brush[], inside: Uint8Array): BrushFilter {
  const terms = brushes.map((brush) => termOf(frame, brush));
  if (terms.every((term) => term !== undefined)) return { filter: terms.join(' AND '), isByIds: false };
  const ids = frame.ids.filter((_, run) => inside[run] === 1);
  if (ids.length > 0 && ids.length <= MOST_IDS) {
    return { filter: `run_id IN (${ids.map(quoted).join(', ')})`, isByIds: true };
  }
  const reason =
    ids.length === 0
      ? 'No run is within the brushes.'
      : `Params are texts to a filter: a range of them is written as the runs within it, ${MOST_IDS} at most. Brush fewer runs.`;
  return { filter: undefined, reason };
}

function termOf(frame: RunFrame, brush: Brush): string | undefined {
  const name = columnReference(brush.column) ?? brush.column;
  if (!isRange(brush)) return anyOf(name, brush.levels);
  if (!brush.column.startsWith('params.')) return `${name} >= ${brush.from} AND ${name} <= ${brush.to}`;
  const column = frame.columns.get(brush.column);
  const texts = column?.kind === 'number' ? textsWithin(column, brush.from, brush.to) : [];
  return texts.length > 0 && texts.length <= MOST_VALUES ? anyOf(name, texts) : undefined;
}

function textsWithin({ values, texts = [] }: NumberColumn, from: number, to: number): string[] {
  const found = new Map<string, number>();
  for (const [run, text] of texts.entries()) {
    const value = values[run] as number;
    if (text !== undefined && value >= from && value <= to) found.set(text, value);
  }
  return [...found].sort(([, a], [, b]) => a - b).map(([text]) => text);
}

function anyOf(name: string, values: readonly string[]): string {
  const terms = values.map((value) => `${name} = ${quoted(value)}`);
  return terms.length === 1 ? (terms[0] as string) : `(${terms.join(' OR ')})`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Both filters at once. */
export function bothFilters(before: string, added: string): string {
  if (!before.trim()) return added;
  return /\bor\b/i.test(before) ? `(${before}) AND ${added}` : `${before} AND ${added}`;
}

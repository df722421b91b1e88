/** Runs and their columns as CSV. */

import { csvOf } from '../display/csv.js';
import type { FrameColumn, RunFrame } from './run-frame.js';

/** The runs within the brushes, with every column that was loaded. */
export function csvOfFrame(frame: RunFrame, inside: Uint8Array): string {
  const columns = [...frame.columns.values()];
  const head = ['run_id', 'run_name', ...columns.map(({ name }) => name)];
  const rows = frame.ids.flatMap((id, run) =>
    inside[run] ? [[id, frame.names[run] ?? '', ...columns.map((column) => textOf(column, run))]] : [],
  );
  return csvOf([head, ...rows]);
}

function textOf(column: FrameColumn, run: number): string {
  if (column.kind === 'category') return column.levels[column.codes[run] as number] ?? '';
  const text = column.texts?.[run];
  if (text !== undefined) return text;
  const value = column.values[run] as number;
  return Number.isNaN(value) ? '' : String(value);
}

/** Brushes as a filter: ranges of numbers, and lists of categories. */
import { columnReference } from '../display/run-columns.js';
import { type Brush, isRange } from './brush.js';

/** A filter may have 250 comparisons. */
const MOST_LEVELS = 200;

/** Undefined where a brush holds more categories than a filter can name. */
export function filterOfBrushes(brushes: readonly Brush[]): string | undefined {
  const levels = brushes.reduce((sum, brush) => sum + (isRange(brush) ? 2 : brush.levels.length), 0);
  return levels > MOST_LEVELS ? undefined : brushes.map(termOf).join(' AND ');
}

function termOf(brush: Brush): string {
  const name = columnReference(brush.column) ?? brush.column;
  if (!isRange(brush)) return anyOf(name, brush.levels);
  // Params are texts to the filter language, unless they are asked for as numbers.
  const number = brush.column.startsWith('params.') ? `number(${name})` : name;
  return `${number} >= ${brush.from} AND ${number} <= ${brush.to}`;
}

function anyOf(name: string, values: readonly string[]): string {
  const terms = values.map((value) => `${name} = '${value.replaceAll("'", "''")}'`);
  return terms.length === 1 ? (terms[0] as string) : `(${terms.join(' OR ')})`;
}

/** Both filters at once. */
export function bothFilters(before: string, added: string): string {
  if (!before.trim()) return added;
  return /\bor\b/i.test(before) ? `(${before}) AND ${added}` : `${before} AND ${added}`;
}

/** Names of the columns of numbers and categories over runs: ids of run-columns.ts, such as `params.lr` and `metrics.val/acc:max`. */
import { type Aggregate, keyColumn, keyColumnId, keyLabel } from '../display/run-columns.js';

export const paramColumn = (key: string) => keyColumnId({ kind: 'params', key });

export const metricColumn = (key: string, aggregate?: Aggregate | undefined) =>
  keyColumnId({ kind: 'metrics', key, aggregate });

/** Short enough for an axis: the key, with its aggregate. */
export function columnLabel(name: string): string {
  const column = keyColumn(name);
  return column ? keyLabel(column) : name;
}

/** Names of columns over runs: `params.KEY`, `metrics.KEY` and aggregates such as `max(metrics.KEY)`, as a URL has them and as the filter language spells them. */

export type Aggregate = 'min' | 'max';

export interface ColumnName {
  kind: 'params' | 'metrics';
  key: string;
  /** Of a metric; its latest value when absent. */
  aggregate?: Aggregate;
}

const AGGREGATED = /^(min|max)\(metrics\.(.+)\)$/s;
const PLAIN = /^(params|metrics)\.(.+)$/s;

/** Undefined for what is no column's name. The key is as it was logged, without quotes. */
export function parseColumn(name: string): ColumnName | undefined {
  const aggregated = AGGREGATED.exec(name);
  if (aggregated) return { kind: 'metrics', key: aggregated[2] as string, aggregate: aggregated[1] as Aggregate };
  const plain = PLAIN.exec(name);
  return plain ? { kind: plain[1] as ColumnName['kind'], key: plain[2] as string } : undefined;
}

export const paramColumn = (key: string) => `params.${key}`;

export function metricColumn(key: string, aggregate?: Aggregate): string {
  return aggregate ? `${aggregate}(metrics.${key})` : `metrics.${key}`;
}

/** Short enough for an axis: the key, with its aggregate. */
export function columnLabel(name: string): string {
  const column = parseColumn(name);
  if (!column) return name;
  return column.aggregate ? `${column.aggregate} ${column.key}` : column.key;
}

/** As filters and orders are written: keys with other characters than letters, digits, `_` and `.` in quotes. */
export function spelled(name: string): string {
  const column = parseColumn(name);
  if (!column) return name;
  const { kind, key, aggregate } = column;
  const quoted = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(key) ? key : quotedKey(key);
  return aggregate ? `${aggregate}(${kind}.${quoted})` : `${kind}.${quoted}`;
}

const quotedKey = (key: string) => (key.includes('`') ? `"${key.replaceAll('"', '""')}"` : `\`${key}\``);

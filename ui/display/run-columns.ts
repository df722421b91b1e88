/**
 * The columns of runs and how they are spelled: in a page's address (`started`, `params.lr`, `metrics.val/acc:max`), and as the
 * server's filters and orders spell them (`start_time`, `` max(metrics.`val/acc`) ``).
 */

export const AGGREGATES = ['min', 'max', 'first'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export interface KeyColumn {
  kind: 'params' | 'metrics' | 'tags';
  key: string;
  /** Of metrics; the last value without one. */
  aggregate?: Aggregate | undefined;
}

/** Columns that are no key, and the attribute that orders by them; a duration is none. */
export const FACT_COLUMNS = {
  name: { label: 'Name', attribute: 'run_name' },
  status: { label: 'Status', attribute: 'status' },
  started: { label: 'Started', attribute: 'start_time' },
  ended: { label: 'Ended', attribute: 'end_time' },
  duration: { label: 'Duration', attribute: undefined },
  user: { label: 'User', attribute: 'user_id' },
  id: { label: 'Id', attribute: 'run_id' },
  experiment: { label: 'Experiment', attribute: undefined },
} as const;
export type FactColumn = keyof typeof FACT_COLUMNS;

export const isFactColumn = (id: string): id is FactColumn => Object.hasOwn(FACT_COLUMNS, id);

/** The key column that an address means; undefined for facts and for what is no column. */
export function keyColumn(id: string): KeyColumn | undefined {
  const [, kind, rest] = /^(params|metrics|tags)\.(.+)$/s.exec(id) ?? [];
  if (!kind || !rest) return undefined;
  if (kind !== 'metrics') return { kind: kind as KeyColumn['kind'], key: rest };
  const [, key, aggregate] = /^(.*):(last|min|max|first)$/s.exec(rest) ?? [];
  if (!key) return { kind, key: rest };
  return { kind, key, aggregate: aggregate === 'last' ? undefined : (aggregate as Aggregate) };
}

export function keyColumnId({ kind, key, aggregate }: KeyColumn): string {
  const isAmbiguous = kind === 'metrics' && /:(last|min|max|first)$/.test(key);
  return `${kind}.${key}${aggregate ? `:${aggregate}` : isAmbiguous ? ':last' : ''}`;
}

/** `loss`, or `max loss`. */
export const keyLabel = ({ key, aggregate }: KeyColumn) => (aggregate ? `${aggregate} ${key}` : key);

/** A key as filters and orders take it: in backticks where it has other characters than letters, digits, `_` and `.`. */
export const quotedKey = (key: string) => (/^\w[\w.]*$/.test(key) ? key : `\`${key.replaceAll('`', '``')}\``);

export function keyReference({ kind, key, aggregate }: KeyColumn): string {
  const reference = `${kind}.${quotedKey(key)}`;
  return aggregate ? `${aggregate}(${reference})` : reference;
}

/** What filters and orders call the column; undefined where they cannot. */
export function columnReference(id: string): string | undefined {
  if (isFactColumn(id)) return FACT_COLUMNS[id].attribute;
  const found = keyColumn(id);
  return found && keyReference(found);
}

/** Lists in an address are parted by commas, which in an item are written `%2C`. */
export const joinList = (items: readonly string[]) =>
  items.map((item) => item.replaceAll('%', '%25').replaceAll(',', '%2C')).join();

export const splitList = (text: string): string[] =>
  text
    .split(',')
    .filter((item) => item !== '')
    .map((item) => item.replaceAll('%2C', ',').replaceAll('%25', '%'));

export interface SortKey {
  column: string;
  isDescending: boolean;
}

/** From `-metrics.loss,name`. */
export const sortKeys = (text: string): SortKey[] =>
  splitList(text).map((item) =>
    item.startsWith('-') ? { column: item.slice(1), isDescending: true } : { column: item, isDescending: false },
  );

export const sortText = (keys: readonly SortKey[]) =>
  joinList(keys.map(({ column, isDescending }) => (isDescending ? `-${column}` : column)));

/** As the server takes them; keys that it cannot order by are left out. */
export function orderByOf(keys: readonly SortKey[]): string[] {
  return keys.flatMap(({ column, isDescending }) => {
    const reference = columnReference(column);
    if (!reference) return [];
    const direction = isDescending ? 'DESC' : 'ASC';
    // Params are texts to the server: 1e-05 would come after 0.1. Those that are no numbers follow in the order of texts.
    const isParam = keyColumn(column)?.kind === 'params';
    return [...(isParam ? [`number(${reference}) ${direction}`] : []), `${reference} ${direction}`];
  });
}

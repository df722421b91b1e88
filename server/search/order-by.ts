/**
 * order_by as SQL, and where the next page begins: keyset tokens over any order. Missing values come last in both directions, NaN
 * before them, and the noun's tie-break makes the order total, so that a page never repeats or skips a row that stays as it is.
 */
import { invalid } from '../../api/index.js';
import { joined, raw, type Sql, sql } from '../db/sql.js';
import { aggregateColumn } from './aggregates.js';
import type { Identifier, KeyedTable, Noun } from './columns.js';
import { checkAggregate, metricKey, NUMBER, numberIn, ownerOf, type Sources, takesNumber } from './compile.js';
import { tokens } from './lexer.js';
import { pyList } from './python.js';

/** One item of order_by. */
export interface OrderItem extends Identifier {
  readonly aggregate?: string;
  readonly descending: boolean;
}

/** Joins of one statement: SQLite takes 64. */
const MOST_ITEMS = 30;

/** Reads an item like `metrics.loss DESC`. Throws INVALID_PARAMETER_VALUE in MLflow's words. */
export function readOrderItem(noun: Noun, text: string): OrderItem {
  const [first, ...rest] = tokens(text);
  const unreadable = () => invalid(`Invalid order_by clause '${text}'. Could not be parsed.`);
  let name = first;
  let aggregate: string | undefined;
  if (first?.kind === 'word' && rest[0]?.text === '(') {
    aggregate = first.text.toLowerCase();
    name = rest[1];
    if (rest[2]?.text !== ')') throw unreadable();
    rest.splice(0, 3);
  }
  if ((name?.kind !== 'identifier' && name?.kind !== 'word') || rest.length > 1) throw unreadable();
  const [direction] = rest;
  if (direction && direction.kind !== 'word') throw unreadable();
  const word = direction?.text.toLowerCase() ?? 'asc';
  if (word !== 'asc' && word !== 'desc') throw invalid(`Invalid ordering key in order_by clause '${text}'.`);
  const identifier = noun.rules.identify(name.text, 'order');
  const isNumber = aggregate === NUMBER && takesNumber(noun, identifier);
  if (aggregate !== undefined && !isNumber) checkAggregate(noun, aggregate, identifier);
  return { ...identifier, ...(aggregate !== undefined && { aggregate }), descending: word === 'desc' };
}

/** All items of a request, or the noun's default. The same field twice is refused. */
export function readOrder(noun: Noun, given: readonly string[]): OrderItem[] {
  if (given.length > MOST_ITEMS) throw invalid(`order_by may have at most ${MOST_ITEMS} items.`);
  const items = (given.length > 0 ? given : noun.defaultOrder).map((text) => readOrderItem(noun, text));
  const fields = items.map(({ entity, key, aggregate }) => JSON.stringify([entity, key, aggregate]));
  if (new Set(fields).size < fields.length) {
    throw invalid(`\`order_by\` contains duplicate fields: ${pyList(given)}`);
  }
  return items;
}

/** One level of an order. */
export interface Term {
  /** 0 for values, 1 for NaN, 2 for none; absent where there is always a value. */
  readonly rank?: Sql;
  readonly value: Sql;
  readonly type: 'text' | 'number' | 'integer';
  readonly descending: boolean;
}

/** An order over a noun's rows, compiled. Select `columns` beside what is wanted; a row's place is read from them. */
export interface Order {
  /** Follow the rows in `from`: one for each item that is not an attribute, in their order. */
  readonly joins: Sql;
  /** The same without the first. */
  readonly otherJoins: Sql;
  /** Begins with a comma, or is empty. */
  readonly columns: Sql;
  readonly by: Sql;
  /** The same where all rows have one rank in the first term. */
  readonly byWithinRank: Sql;
  readonly terms: readonly Term[];
  /** The condition that a row comes after the place of a page token. Throws INVALID_PARAMETER_VALUE for a token of another order. */
  after(token: string): Sql;
  /** The place of a token in the first term. */
  first(token: string): Place;
  /** The token for the page after this row. */
  token(row: Record<string, unknown>): string;
}

export function compileOrder(noun: Noun, items: readonly OrderItem[], sources: Sources = {}): Order {
  const joins: Sql[] = [];
  const terms = items.map((item, i) => termOf(noun, item, `o${i}`, joins, sources));
  return withTieBreak(noun, items, terms, joins, JSON.stringify(items));
}

/** The same of terms of one's own. `signature` tells its tokens from others. */
export function withTieBreak(
  noun: Noun,
  items: readonly Identifier[],
  given: readonly Term[],
  joins: readonly Sql[],
  signature: string,
): Order {
  const terms = [...given];
  for (const { key, sql: column, descending = false } of noun.tieBreak) {
    if (items.some((item) => item.entity === 'attribute' && item.key === key)) continue;
    terms.push({ value: raw(column), type: noun.attributes[key]?.type === 'text' ? 'text' : 'integer', descending });
  }
  return orderOf(terms, joins, signature);
}

export function attributeTerm({ attributes }: Noun, key: string, descending: boolean): Term {
  const attribute = attributes[key];
  const value = raw(attribute?.sql as string);
  const rank = attribute?.nullable && sql`case when ${value} is null then 2 else 0 end`;
  return { value, type: attribute?.type === 'text' ? 'text' : 'integer', descending, ...(rank && { rank }) };
}

/** Of a joined row with a metric's latest value. */
export function metricTerm(alias: string, descending: boolean): Term {
  const rank = `case when ${alias}.value is null then 2 when ${alias}.is_nan = 1 then 1 else 0 end`;
  return { value: raw(`${alias}.value`), type: 'number', descending, rank: raw(rank) };
}

function termOf(noun: Noun, item: OrderItem, alias: string, joins: Sql[], sources: Sources): Term {
  const { entity, key, descending, aggregate } = item;
  if (entity === 'attribute') return attributeTerm(noun, key, descending);
  if (entity === 'metric') {
    const { metrics = raw('latest_metrics') } = sources;
    const on = sql`${ownerOf(noun.metric?.owner ?? {}, alias)} and ${raw(alias)}.key = ${metricKey(key)}`;
    joins.push(sql` left join ${metrics} ${raw(alias)} on ${on}`);
    if (aggregate === undefined) return metricTerm(alias, descending);
    const value = raw(aggregateColumn(aggregate, alias));
    return { value, type: 'number', descending, rank: sql`case when ${value} is null then 2 else 0 end` };
  }
  const { table, owner } = noun[entity as 'tag' | 'parameter'] as KeyedTable;
  joins.push(sql` left join ${raw(`${table} ${alias}`)} on ${ownerOf(owner, alias)} and ${raw(alias)}.key = ${key}`);
  const column = `${alias}.value`;
  const isNumber = aggregate === NUMBER;
  const value = isNumber ? numberIn(column, sources.numberOf) : raw(column);
  return {
    value,
    type: isNumber ? 'number' : 'text',
    descending,
    rank: sql`case when ${value} is null then 2 else 0 end`,
  };
}

function orderOf(terms: readonly Term[], joins: readonly Sql[], signature: string): Order {
  const columns = terms.flatMap(({ rank, value }, i) => [
    ...(rank ? [sql`, ${rank} as rank_${raw(String(i))}`] : []),
    sql`, ${value} as value_${raw(String(i))}`,
  ]);
  const by = (skipped: number) =>
    joined(
      terms.flatMap(({ rank, value, descending }, i) => [
        ...(rank && i !== skipped ? [rank] : []),
        descending ? sql`${value} desc` : value,
      ]),
    );
  return {
    joins: joined([sql``, ...joins], ''),
    otherJoins: joined([sql``, ...joins.slice(1)], ''),
    columns: joined(columns, ''),
    by: by(-1),
    byWithinRank: by(0),
    terms,
    first: (token) => readToken(token, terms, signature)[0] as Place,
    after: (token) => afterPlace(terms, readToken(token, terms, signature)),
    token: (row) => writeToken(terms, row, signature),
  };
}

/** A row's place in one term. */
export interface Place {
  readonly rank: number;
  readonly value: string | number | null;
}

function afterPlace(terms: readonly Term[], places: readonly Place[]): Sql {
  return terms.reduceRight<Sql | undefined>((rest, { rank, value, descending }, i) => {
    const at = places[i] as Place;
    const beyond = raw(descending ? '<' : '>');
    const equal = rest && (at.value === null ? rest : sql`${value} = ${at.value} and ${rest}`);
    const within =
      at.value === null ? rest : sql`(${value} ${beyond} ${at.value}${equal ? sql` or (${equal})` : sql``})`;
    if (!rank) return within;
    return sql`(${rank} > ${at.rank} or (${rank} = ${at.rank} and ${within ?? sql`1 = 0`}))`;
  }, undefined) as Sql;
}

function writeToken(terms: readonly Term[], row: Record<string, unknown>, signature: string): string {
  const places = terms.flatMap((term, i) => [...(term.rank ? [row[`rank_${i}`]] : []), row[`value_${i}`]]);
  return Buffer.from(JSON.stringify([signature, ...places])).toString('base64url');
}

function readToken(token: string, terms: readonly Term[], signature: string): Place[] {
  const unreadable = () => invalid(`Invalid page token, could not be decoded: '${token.slice(0, 100)}'`);
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw unreadable();
  }
  if (!Array.isArray(parts) || typeof parts[0] !== 'string') throw unreadable();
  if (parts[0] !== signature) throw invalid('Invalid page token: it belongs to another order_by.');
  let at = 1;
  const places = terms.map((term): Place => {
    const rank: unknown = term.rank ? parts[at++] : 0;
    const value: unknown = parts[at++];
    if (!isRank(rank) || !fits(value, term)) throw unreadable();
    return { rank, value };
  });
  if (at !== parts.length) throw unreadable();
  return places;
}

const isRank = (rank: unknown): rank is number => rank === 0 || rank === 1 || rank === 2;

function fits(value: unknown, { type, rank }: Term): value is Place['value'] {
  if (value === null) return rank !== undefined;
  if (type === 'text') return typeof value === 'string' && !value.includes('\0');
  return typeof value === 'number' && (type === 'number' || Number.isSafeInteger(value));
}

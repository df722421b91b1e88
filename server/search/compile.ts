/**
 * A filter as one SQL condition over a noun's rows, for either database. Values are bound; names come from the noun's columns.
 * Every condition is true or false, never null, so that NOT means the opposite.
 */
import { invalid } from '../../api/index.js';
import { joined, listed, raw, type Sql, sql } from '../db/sql.js';
import { AGGREGATES, aggregateColumn } from './aggregates.js';
import {
  type Attribute,
  type Identifier,
  type KeyedTable,
  type Noun,
  NUMERIC_COMPARATORS,
  type SearchValue,
} from './columns.js';
import { type Comparison, type Expression, MOST_ITEMS, type Operand, parseFilter } from './parser.js';
import { numberOf } from './values.js';

export interface Sources {
  /** The table of latest metrics: their owner, key (an id), value, is_nan, and for runs those of aggregates.ts. */
  readonly metrics?: Sql;
  /** A column of text as a number, as the database spells it; for nouns whose params or tags take `number(…)`. */
  readonly numberOf?: (column: string) => Sql;
}

/** `1 = 1` for an empty filter. Throws INVALID_PARAMETER_VALUE in MLflow's words. */
export function compileFilter(noun: Noun, filter: string | undefined, sources: Sources = {}): Sql {
  return readFilter(noun, filter).compile(sources);
}

/** A filter that has been checked, and the metrics it names. */
export interface ReadFilter {
  readonly metricKeys: readonly string[];
  /** Conditions that hold for every row that is found, each on one value: a store may look them up in an index first. */
  readonly equalities: readonly Equality[];
  compile(sources: Sources): Sql;
}

export interface Equality extends Identifier {
  readonly value: string;
}

type Condition =
  | { readonly type: 'and' | 'or'; readonly terms: readonly Condition[] }
  | { readonly type: 'not'; readonly term: Condition }
  | Leaf;

interface Leaf extends Identifier {
  readonly type: 'leaf';
  readonly comparator: string;
  /** Absent for IS [NOT] NULL. */
  readonly value?: SearchValue;
  readonly aggregate?: string;
}

export function readFilter(noun: Noun, filter: string | undefined): ReadFilter {
  const expression = parseFilter(filter ?? '', noun.rules.grammar);
  const condition = expression && resolve(noun, expression);
  const leaves = condition ? leavesOf(condition) : [];
  const bound = leaves.reduce((sum, { value }) => sum + (Array.isArray(value) ? value.length : 1), 0);
  if (bound > MOST_ITEMS) throw noun.rules.grammar.tooLarge(`${MOST_ITEMS} values`);
  const wantsPrompts = noun.prompts && asksForPrompts(noun.prompts.tag, leaves);
  return {
    metricKeys: leaves.filter((leaf) => leaf.entity === 'metric').map((leaf) => leaf.key),
    equalities: condition ? equalitiesOf(condition) : [],
    compile(sources) {
      const compiler = new Compiler(noun, sources, wantsPrompts ? undefined : noun.prompts?.tag, leaves.length);
      const all = condition ? compiler.condition(condition) : sql`1 = 1`;
      return noun.prompts && !wantsPrompts ? sql`(${all} and not ${raw(noun.prompts.sql)})` : all;
    },
  };
}

function resolve(noun: Noun, expression: Expression): Condition {
  if (expression.type === 'not') return { type: 'not', term: resolve(noun, expression.term) };
  if (expression.type !== 'comparison') {
    return { type: expression.type, terms: expression.terms.map((term) => resolve(noun, term)) };
  }
  return resolveComparison(noun, expression);
}

function resolveComparison(noun: Noun, { name, comparator, operand, aggregate }: Comparison): Leaf {
  const { rules } = noun;
  const identifier = rules.identify(name, 'filter');
  if (aggregate === NUMBER && takesNumber(noun, identifier)) return numberLeaf(identifier, comparator, operand);
  if (aggregate !== undefined) checkAggregate(noun, aggregate, identifier);
  const given = operand && rules.value(identifier, operand);
  rules.checkComparator(identifier, comparator, given);
  const value = given === undefined ? undefined : (rules.convert?.(identifier, given) ?? given);
  return {
    type: 'leaf',
    ...identifier,
    comparator,
    ...(value !== undefined && { value }),
    ...(aggregate !== undefined && { aggregate }),
  };
}

/** Spelt as the aggregates are: `number(params.lr) > 0.01`. */
export const NUMBER = 'number';

export const takesNumber = (noun: Noun, { entity }: Identifier): boolean =>
  (entity === 'parameter' || entity === 'tag') && noun[entity]?.numbers === true;

function numberLeaf(identifier: Identifier, comparator: string, operand: Operand | undefined): Leaf {
  const name = `number of ${identifier.entity} '${identifier.key}'`;
  if (!NUMERIC_COMPARATORS.some((each) => each === comparator)) {
    throw invalid(`Invalid comparator '${comparator}' for the ${name}, not one of ${NUMERIC_COMPARATORS.join(' ')}`);
  }
  if (operand?.type !== 'number') throw invalid(`Expected a number for the ${name}. Found ${operand?.text}`);
  return { type: 'leaf', ...identifier, comparator, value: numberOf(operand), aggregate: NUMBER };
}

export function checkAggregate({ aggregates }: Noun, aggregate: string, { entity }: Identifier): void {
  if (aggregates && entity === 'metric' && Object.hasOwn(AGGREGATES, aggregate)) return;
  if (!aggregates) throw invalid(`Invalid function '${aggregate}': only searches of runs know functions of metrics.`);
  throw invalid(
    `Invalid function '${aggregate}': ${Object.keys(AGGREGATES).join(', ')} take a metric, as in min(metrics.loss), and number a param or a tag.`,
  );
}

function leavesOf(condition: Condition): Leaf[] {
  if (condition.type === 'leaf') return [condition];
  return condition.type === 'not' ? leavesOf(condition.term) : condition.terms.flatMap(leavesOf);
}

function equalitiesOf(condition: Condition): Equality[] {
  if (condition.type === 'and') return condition.terms.flatMap(equalitiesOf);
  if (condition.type !== 'leaf' || condition.comparator !== '=' || typeof condition.value !== 'string') return [];
  const { entity, key, value } = condition;
  return [{ entity, key, value }];
}

/** As `_is_querying_prompt`: the first condition on the tag decides. */
function asksForPrompts(tag: string, leaves: readonly Leaf[]): boolean {
  const first = leaves.find((leaf) => leaf.entity === 'tag' && leaf.key === tag);
  const value = String(first?.value).toLowerCase();
  return (first?.comparator === '=' && value === 'true') || (first?.comparator === '!=' && value === 'false');
}

/**
 * PostgreSQL joins what exists, and plans the order of 50 joins for seconds. An offset keeps it from that, and each row is looked
 * up then, as in SQLite.
 */
const MOST_JOINED = 4;

class Compiler {
  readonly #noun: Noun;
  readonly #sources: Sources;
  /** Conditions on it say nothing: no row with it is left. */
  readonly #ignoredTag: string | undefined;
  /** Ends each `exists`. */
  readonly #end: Sql;

  constructor(noun: Noun, sources: Sources, ignoredTag: string | undefined, comparisons: number) {
    this.#noun = noun;
    this.#sources = sources;
    this.#ignoredTag = ignoredTag;
    this.#end = comparisons > MOST_JOINED ? sql` limit 1 offset 0)` : sql`)`;
  }

  condition(condition: Condition): Sql {
    switch (condition.type) {
      case 'leaf':
        return this.#leaf(condition);
      case 'not':
        return sql`not ${this.condition(condition.term)}`;
      default:
        return sql`(${joined(
          byCost(condition.terms).map((term) => this.condition(term)),
          ` ${condition.type} `,
        )})`;
    }
  }

  #leaf(leaf: Leaf): Sql {
    switch (leaf.entity) {
      case 'attribute':
        return attributeCondition(this.#noun.attributes[leaf.key] as Attribute, leaf);
      case 'metric':
        return this.#metric(leaf);
      case 'dataset':
        return this.#dataset(leaf);
      default:
        if (leaf.entity === 'tag' && leaf.key === this.#ignoredTag) return sql`1 = 1`;
        return keyed(this.#noun[leaf.entity] as KeyedTable, leaf, this.#sources.numberOf, this.#end);
    }
  }

  #metric({ key, comparator, value, aggregate }: Leaf): Sql {
    const { metrics = raw('latest_metrics') } = this.#sources;
    const of = sql`exists (select 1 from ${metrics} m where ${ownerOf(this.#noun.metric?.owner ?? {}, 'm')} and m.key = ${metricKey(key)}`;
    const column = aggregate === undefined ? 'm.value' : aggregateColumn(aggregate, 'm');
    const compared = comparison(raw(column), comparator, value as number);
    if (aggregate !== undefined) return sql`${of} and ${compared}${this.#end}`;
    // NaN is stored as 0 with a flag: it differs from every number, and nothing else is true of it.
    const test = comparator === '!=' ? sql`(m.is_nan = 1 or ${compared})` : sql`m.is_nan = 0 and ${compared}`;
    return sql`${of} and ${test}${this.#end}`;
  }

  #dataset({ key, comparator, value }: Leaf): Sql {
    const { dataset } = this.#noun;
    if (!dataset) return sql`1 = 0`;
    const column = raw(dataset.columns[key] as string);
    return sql`exists (${raw(dataset.exists)} and ${comparison(column, comparator, value as SearchValue)}${this.#end}`;
  }
}

/** What says no to most rows for the least work comes first: SQLite asks in this order. */
const byCost = (terms: readonly Condition[]): Condition[] => [...terms].sort((a, b) => cost(a) - cost(b));

function cost(condition: Condition): number {
  if (condition.type !== 'leaf') return 4;
  const { entity, comparator } = condition;
  if (entity === 'attribute') return 0;
  return entity === 'metric' || entity === 'dataset' ? 3 : comparator === '=' ? 1 : 2;
}

/** The id of a metric's key; null, which equals nothing, for one that was never logged. */
export const metricKey = (key: string): Sql => sql`(select id from metric_keys where name = ${key})`;

function attributeCondition(attribute: Attribute, { comparator, value }: Leaf): Sql {
  const compared = comparison(raw(attribute.sql), comparator, value as SearchValue);
  return attribute.nullable ? sql`(${raw(attribute.sql)} is not null and ${compared})` : compared;
}

function keyed(
  { table, owner }: KeyedTable,
  { key, comparator, value, aggregate }: Leaf,
  asNumber: Sources['numberOf'],
  end: Sql,
): Sql {
  const of = sql`exists (select 1 from ${raw(table)} t where ${ownerOf(owner, 't')} and t.key = ${key}`;
  if (value === undefined) return comparator === 'IS NULL' ? sql`not ${of}${end}` : sql`${of}${end}`;
  const column = aggregate === NUMBER ? numberIn('t.value', asNumber) : raw('t.value');
  return sql`${of} and ${comparison(column, comparator, value)}${end}`;
}

/** A column of text as a number. The store says how its database spells that. */
export function numberIn(column: string, numberOf: Sources['numberOf']): Sql {
  if (!numberOf) throw new Error('Nothing says how the database reads a text as a number.');
  return numberOf(column);
}

export const ownerOf = (owner: KeyedTable['owner'], alias: string): Sql =>
  raw(
    Object.entries(owner)
      .map(([column, of]) => `${alias}.${column} = ${of}`)
      .join(' and '),
  );

/** SQLite compares with doubles as it is; PostgreSQL would read one as an integer next to an integer column. */
const number = (value: number): Sql =>
  Number.isSafeInteger(value) ? sql`${value}` : sql`cast(${value} as double precision)`;

/** SQLite refuses longer patterns (SQLITE_MAX_LIKE_PATTERN_LENGTH). No value that is searched is as long. */
const LONGEST_PATTERN = 40_000;

function comparison(column: Sql, comparator: string, value: SearchValue): Sql {
  if (typeof value === 'number') return sql`${column} ${raw(comparator)} ${number(value)}`;
  if (Array.isArray(value)) return sql`${column} ${raw(comparator.toLowerCase())} (${listed(value)})`;
  const text = String(value);
  if (comparator !== 'LIKE' && comparator !== 'ILIKE') return sql`${column} ${raw(comparator)} ${text}`;
  if (Buffer.byteLength(text) > LONGEST_PATTERN) return sql`1 = 0`;
  // Without an escape character PostgreSQL's would be the backslash, which MLflow's patterns take as it is. ILIKE folds ASCII only,
  // as SQLite's lower() and the collation "C" do.
  const pattern = text.replaceAll(ESCAPE, ESCAPE + ESCAPE);
  return comparator === 'LIKE'
    ? sql`${column} like ${pattern} escape ${ESCAPE}`
    : sql`lower(${column}) like ${pattern.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())} escape ${ESCAPE}`;
}

/** A private-use character. */
const ESCAPE = '\u{e000}';

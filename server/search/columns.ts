/**
 * What can be searched, as tables: for each noun its entities, attributes, comparators and value types, and where they lie in SQL.
 * The compiler, the messages and docs/search.md are made from these.
 */
import type { GrammarWords, Operand } from './parser.js';

export type Entity = 'attribute' | 'metric' | 'parameter' | 'tag' | 'dataset';

export interface Identifier {
  readonly entity: Entity;
  readonly key: string;
}

export type SearchValue = string | number | readonly (string | number)[];

export interface Attribute {
  /** An expression over the noun's row. */
  readonly sql: string;
  readonly type: 'text' | 'number';
  /** In SQL; then it comes last in either direction of an order. */
  readonly nullable?: true;
  /** `false`: known to one of the two only. */
  readonly filter?: false;
  readonly order?: false;
  /** Takes IN and NOT IN with a list. */
  readonly list?: true;
  /** Where they are not those of its type. */
  readonly comparators?: readonly string[];
  /** Other spellings. */
  readonly aliases?: readonly string[];
  readonly note: string;
}

/** A table of keys and values that belong to a row: params, tags. Columns `key` and `value`, unless said otherwise. */
export interface KeyedTable {
  readonly table: string;
  /** Its columns that name the row → the row's columns. */
  readonly owner: Readonly<Record<string, string>>;
  /** Takes IN and NOT IN. */
  readonly list?: true;
  /** Takes IS NULL and IS NOT NULL. */
  readonly nullTest?: true;
  /** Takes `number(…)`: the text compared as a number. */
  readonly numbers?: true;
}

export interface Noun {
  /** As in a sentence: `runs`. */
  readonly name: string;
  /** The table of rows; fragments of SQL name its columns in full. */
  readonly rows: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly parameter?: KeyedTable;
  readonly tag?: KeyedTable;
  /** Has metrics: where their values lie is said when a filter is compiled. */
  readonly metric?: Pick<KeyedTable, 'owner'>;
  /** Knows the functions of aggregates.ts. */
  readonly aggregates?: true;
  /** Has datasets: a select of 1 from its tables, which each condition is added to, and the columns by key. */
  readonly dataset?: { readonly exists: string; readonly columns: Readonly<Record<string, string>> };
  /** Rows with this tag at 'true' are prompts: left out unless the filter asks for them. `prompts` holds for a prompt's row. */
  readonly prompts?: { readonly tag: string; readonly sql: string };
  /** Spellings of entities as docs show them: the first is what users write. */
  readonly entities: Readonly<Partial<Record<Entity, readonly string[]>>>;
  /** What follows the requested order: not null, together unique. */
  readonly tieBreak: readonly { readonly key: string; readonly sql: string; readonly descending?: true }[];
  readonly defaultOrder: readonly string[];
  readonly rules: Rules;
}

/** How a noun reads names and values, in MLflow's words. All of them throw INVALID_PARAMETER_VALUE. */
export interface Rules {
  readonly grammar: GrammarWords;
  /** The entity and key of a name in a filter, or in an order. */
  identify(name: string, use: 'filter' | 'order'): Identifier;
  value(identifier: Identifier, operand: Operand): SearchValue;
  checkComparator(identifier: Identifier, comparator: string, value: SearchValue | undefined): void;
  /** The value as the column has it, where that is not how it is written. After the comparator has been checked, as MLflow does. */
  convert?(identifier: Identifier, value: SearchValue): SearchValue;
}

export const NUMERIC_COMPARATORS = ['>', '>=', '!=', '=', '<', '<='] as const;
export const TEXT_COMPARATORS = ['!=', '=', 'LIKE', 'ILIKE'] as const;
export const LIST_COMPARATORS = ['IN', 'NOT IN'] as const;
export const NULL_COMPARATORS = ['IS NULL', 'IS NOT NULL'] as const;

/** The attributes that one use knows, every spelling with its canonical key. */
export function spellings(attributes: Noun['attributes'], use: 'filter' | 'order'): Map<string, string> {
  const known = new Map<string, string>();
  for (const [key, attribute] of Object.entries(attributes)) {
    if (attribute[use] === false) continue;
    for (const spelling of [key, ...(attribute.aliases ?? [])]) known.set(spelling, key);
  }
  return known;
}

/** The comparators of an entity's keys, or of an attribute. */
export function comparatorsOf(noun: Noun, { entity, key }: Identifier): readonly string[] {
  if (entity === 'metric') return NUMERIC_COMPARATORS;
  if (entity === 'dataset') return [...TEXT_COMPARATORS, ...LIST_COMPARATORS];
  if (entity === 'attribute') {
    const attribute = noun.attributes[key];
    if (attribute?.comparators) return attribute.comparators;
    if (attribute?.type === 'number') return NUMERIC_COMPARATORS;
    return attribute?.list ? [...TEXT_COMPARATORS, ...LIST_COMPARATORS] : TEXT_COMPARATORS;
  }
  const table = noun[entity];
  return [...TEXT_COMPARATORS, ...(table?.list ? LIST_COMPARATORS : []), ...(table?.nullTest ? NULL_COMPARATORS : [])];
}

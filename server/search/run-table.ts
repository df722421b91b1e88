/** Columns of runs, as a table asks for them: spelt as in order_by, but that a key needs no quotes, for nothing follows it. Pure. */
import { invalid } from '../../api/index.js';
import type { Aggregate } from './aggregates.js';
import type { Identifier } from './columns.js';
import { checkAggregate } from './compile.js';
import { runColumns } from './runs.js';

export interface Column extends Identifier {
  readonly entity: 'attribute' | 'metric' | 'parameter' | 'tag';
  readonly aggregate?: Aggregate;
  /** As it was asked for. */
  readonly text: string;
}

/** Columns of one request. */
const MOST_COLUMNS = 100;
const CALL = /^(\w+)\s*\((.*)\)$/su;

/** Throws INVALID_PARAMETER_VALUE for a text that can name no column. */
export function readColumn(text: string): Column {
  const spelt = text.trim();
  const [, called, inner] = CALL.exec(spelt) ?? [];
  const name = (inner ?? spelt).trim();
  const dot = name.indexOf('.');
  const key = dot < 0 ? name : name.slice(dot + 1);
  if (key === '' || !isPaired(key)) throw malformed(text);
  const identifier = runColumns.rules.identify(name, 'order');
  if (identifier.key === '') throw malformed(text);
  const column = { ...identifier, text } as Column;
  if (called === undefined) return column;
  const aggregate = called.toLowerCase();
  checkAggregate(runColumns, aggregate, identifier);
  return { ...column, aggregate: aggregate as Aggregate };
}

export function readColumns(texts: readonly string[]): Column[] {
  if (texts.length > MOST_COLUMNS)
    throw invalid(`columns may have at most ${MOST_COLUMNS} items, not ${texts.length}.`);
  return texts.map(readColumn);
}

const malformed = (text: string) =>
  invalid(
    `Invalid column '${text.slice(0, 200)}': expected params.KEY, metrics.KEY, tags.KEY, an attribute, or an aggregate such as max(metrics.KEY).`,
  );

/** No key has a quote in it: those that are there stand around the whole of it. */
function isPaired(key: string): boolean {
  const quote = key[0] as string;
  const bare = '`"\''.includes(quote) ? (key.length > 2 && key.endsWith(quote) ? key.slice(1, -1) : quote) : key;
  return !/[`"']/.test(bare);
}

/** Reading names and values as MLflow's `SearchUtils` does, with its messages. Shared by the nouns' rules. */
import { invalid } from '../../api/index.js';
import type { Token } from './lexer.js';
import type { GrammarWords, Operand } from './parser.js';
import { pyRepr } from './python.js';

const isQuoted = (text: string, quote: string) => text.length >= 2 && text.startsWith(quote) && text.endsWith(quote);

export const withoutBackticks = (text: string): string => (isQuoted(text, '`') ? text.slice(1, -1) : text);

/** A key as it is stored: without one pair of quotes, then without backticks. */
export function bareKey(text: string): string {
  return withoutBackticks(isQuoted(text, '"') || isQuoted(text, "'") ? text.slice(1, -1) : text);
}

/** `entity.key` at its first dot. */
export function split(name: string): [entity: string | undefined, key: string] {
  const dot = name.indexOf('.');
  return dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)];
}

/** The text of a quoted value; a doubled quote inside is one. Throws for names in backticks or without quotes. */
export function quotedText({ text }: Operand): string {
  for (const quote of ["'", '"']) {
    if (isQuoted(text, quote)) return text.slice(1, -1).replaceAll(quote + quote, quote);
  }
  throw invalid(
    `Parameter value is either not quoted or unidentified quote types used for string value ${text}. Use either single or double quotes.`,
  );
}

export const isText = (operand: Operand): boolean => operand.type === 'string' || operand.type === 'name';

/** A number as a double; whole ones keep int64's digits as far as a double can. */
export const numberOf = ({ text }: Operand): number => Number(text);

export const isInteger = ({ text }: Operand): boolean => /^[-+]?\d+$/.test(text);

/** The strings of `('a', 'b')`. */
export function listOf({ items = [] }: Operand): string[] {
  const illFormed = () =>
    invalid('While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.');
  if (items.length === 0) {
    throw invalid('While parsing a list in the query, expected a non-empty list of string values, but got empty list');
  }
  const found: string[] = [];
  items.forEach((item, i) => {
    if (i % 2 === 1) {
      if (item.text !== ',') throw illFormed();
    } else if (item.kind === 'number') {
      throw invalid(
        `While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: ${shownList(items)}`,
      );
    } else if (item.kind === 'string' || isQuoted(item.text, '"')) {
      found.push(quotedText({ type: 'string', text: item.text }));
    } else {
      throw illFormed();
    }
  });
  return found;
}

/** As Python shows a tuple. */
function shownList(items: readonly Token[]): string {
  const values = items.filter((item) => item.text !== ',').map((item) => item.text);
  return `(${values.join(', ')}${values.length === 1 ? ',' : ''})`;
}

/** The words of `SearchUtils` for what is no grammar; runs quote each clause, the others do not. */
export function grammarWords(clauses: (clause: string, filter: string) => string): GrammarWords {
  return {
    clauses: (clause, filter) => invalid(clauses(clause, filter)),
    multiple: (filter) =>
      invalid(`Search filter contained multiple expression ${pyRepr(filter)}. Provide AND-ed expression list.`),
    notIdentifier: (text) => invalid(`Invalid comparison clause. Expected 'Identifier' found '${text}'`),
    tooLarge: (what) => invalid(`The filter is too large: it may have at most ${what}.`),
  };
}

/**
 * Reads what someone typed into the filter box: makes the server's filter of it, with keys and texts in quotes and bare words
 * searched for; or says what is wrong, where, and what would be right.
 */
import { keyReference } from '../display/run-columns.js';
import { quotedText, type Token, tokensOf, unquoted } from './lexer.js';
import { asNumber, type FilterName, filterName } from './names.js';

export interface FilterProblem {
  start: number;
  end: number;
  message: string;
  /** The whole text as it would be right. */
  fix?: string | undefined;
}

export interface CheckedFilter {
  /** As the server takes it. */
  filter: string;
  /** As it is shown: what was typed, in quotes where it needs them. */
  shown: string;
  problem?: FilterProblem;
}

export interface KnownKey {
  kind: 'metrics' | 'params' | 'tags';
  key: string;
  examples?: readonly string[] | undefined;
}

interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Keys that a bare word is looked for in: the filter may have 250 comparisons. */
const MOST_KEYS = 24;

class Wrong extends Error {
  constructor(readonly problem: FilterProblem) {
    super(problem.message);
  }
}

export function checkFilter(text: string, known: readonly KnownKey[]): CheckedFilter {
  const reader = new FilterReader(text, known);
  try {
    reader.read();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { filter: text, shown: text, problem: error.problem };
  }
  const shown = applied(text, reader.quotes);
  return { filter: applied(text, [...reader.quotes, ...reader.searches]).trim(), shown };
}

function applied(text: string, edits: readonly Edit[]): string {
  let result = text;
  const fromTheEnd = [...edits].sort((a, b) => b.start - a.start || b.end - a.end);
  for (const { start, end, text: put } of fromTheEnd) result = result.slice(0, start) + put + result.slice(end);
  return result;
}

class FilterReader {
  /** What is put in quotes; shown as well. */
  readonly quotes: Edit[] = [];
  /** What bare words become, and the ANDs between them. */
  readonly searches: Edit[] = [];
  readonly #tokens: Token[];
  #at = 0;

  constructor(
    readonly text: string,
    readonly known: readonly KnownKey[],
  ) {
    this.#tokens = tokensOf(text);
  }

  read(): void {
    if (this.#tokens.length === 0) return;
    const open = this.#tokens.find(({ isOpen }) => isOpen);
    if (open) this.#fail(open, 'What is quoted here has no end.', `${this.text}${this.#openQuote(open)}`);
    this.#either();
    const rest = this.#peek();
    if (rest) this.#fail(rest, `Nothing opens the bracket that \`${rest.text}\` closes.`, this.#without(rest));
  }

  #openQuote(token: Token): string {
    return /['"`]/.exec(token.text)?.[0] ?? "'";
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  #isKeyword(word: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token?.kind === 'keyword' && token.text.toUpperCase() === word;
  }

  #fail(token: Token, message: string, fix?: string): never {
    throw new Wrong({ start: token.start, end: token.end, message, fix });
  }

  #without({ start, end }: Token): string {
    return `${this.text.slice(0, start)}${this.text.slice(end)}`.replaceAll(/\s+/g, ' ').trim();
  }

  #with({ start, end }: Token, text: string): string {
    return `${this.text.slice(0, start)}${text}${this.text.slice(end)}`;
  }

  #either(): void {
    this.#all();
    while (this.#isKeyword('OR')) {
      this.#at++;
      this.#all();
    }
  }

  #all(): void {
    let wasSearch = this.#one();
    for (;;) {
      const token = this.#peek();
      if (!token || token.kind === 'close' || this.#isKeyword('OR')) return;
      if (this.#isKeyword('AND')) {
        this.#at++;
        wasSearch = this.#one();
        continue;
      }
      const sign = { '&&': 'AND', '||': 'OR' }[token.text];
      if (sign) this.#fail(token, `\`${token.text}\` is written ${sign}.`, this.#with(token, sign));
      const isSearch = this.#one();
      if (!wasSearch && !isSearch) {
        const fix = `${this.text.slice(0, token.start)}AND ${this.text.slice(token.start)}`;
        this.#fail(token, `Expected AND or OR before \`${token.text}\`.`, fix);
      }
      this.searches.push({ start: token.start, end: token.start, text: 'AND ' });
      wasSearch = isSearch;
    }
  }

  /** True for a bare word. */
  #one(): boolean {
    const token = this.#peek();
    const last = this.#peek(-1);
    if (!token) {
      const [at = 0, what] = last ? [last.start, `after \`${last.text}\``] : [0, 'here'];
      const here = last ?? { kind: 'odd', text: '', start: at, end: at };
      this.#fail(here, `Expected a comparison ${what}.`, last && this.#without(last));
    }
    if (this.#isKeyword('NOT')) {
      this.#at++;
      return this.#one();
    }
    if (token.kind === 'open') return this.#bracket(token);
    if (token.kind === 'function') {
      this.#function(token);
      return false;
    }
    if (token.kind === 'name' || token.kind === 'text' || token.kind === 'number') return this.#comparison(token);
    if (last && this.#isConnective(last)) {
      this.#fail(token, `Expected a comparison between \`${last.text}\` and \`${token.text}\`.`, this.#without(token));
    }
    return this.#fail(token, `Expected a comparison in the place of \`${token.text}\`.`, this.#without(token));
  }

  #isConnective({ kind, text }: Token): boolean {
    return kind === 'keyword' && /^(and|or|not)$/i.test(text);
  }

  #bracket(open: Token): boolean {
    this.#at++;
    this.#either();
    if (this.#peek()?.kind !== 'close') this.#fail(open, 'This bracket is never closed.', `${this.text})`);
    this.#at++;
    return false;
  }

  /** Of a metric's history, or of the number that a param or a tag is. */
  #function(token: Token): void {
    const inner = this.#peek(2);
    const named = inner && filterName(inner.text);
    const isNumber = token.text.toLowerCase() === 'number';
    const isRight = isNumber ? named?.kind === 'params' || named?.kind === 'tags' : named?.kind === 'metrics';
    if (!inner || !named || !isRight) {
      const what = isNumber ? 'reads a param or a tag' : 'looks at a metric';
      const example = isNumber ? 'params.lr' : 'metrics.loss';
      this.#fail(inner ?? token, `\`${token.text}\` ${what}: ${token.text}(${example}).`);
    }
    const name = isNumber ? asNumber(named) : named;
    if (this.#peek(3)?.kind !== 'close') this.#fail(token, `The bracket of \`${token.text}\` is never closed.`);
    this.#quoteName(inner, name);
    this.#at += 4;
    this.#operatorAndValue(name, inner);
  }

  #comparison(token: Token): boolean {
    const next = this.#peek(1);
    const isNotIn = this.#isKeyword('NOT', 1) && this.#isKeyword('IN', 2);
    const isWord = next?.kind === 'keyword' && /^(in|like|ilike|is)$/i.test(next.text);
    const isCompared = next?.kind === 'operator' || isWord || isNotIn;
    const name = token.kind === 'name' ? filterName(token.text) : undefined;
    if (!isCompared && (!name || name.kind === 'attribute')) {
      this.#search(token);
      return true;
    }
    if (!name) this.#failName(token);
    this.#at++;
    this.#quoteName(token, name);
    if (!isCompared) {
      const fix = this.#with(token, `${token.text} ${name.type === 'number' ? '> 0' : `= ${this.#example(name)}`}`);
      this.#fail(
        token,
        `Expected a comparison after \`${token.text}\`, such as ${name.operators.slice(0, 3).join(' ')}.`,
        fix,
      );
    }
    this.#operatorAndValue(name, token);
    return false;
  }

  #failName(token: Token): never {
    const found = this.known.find(({ key }) => key === unquoted(token.text));
    if (found) {
      const reference = keyReference(found);
      this.#fail(
        token,
        `\`${token.text}\` alone is no attribute of a run; there is ${reference}.`,
        this.#with(token, reference),
      );
    }
    const names = 'metrics.KEY, params.KEY, tags.KEY, status, run_name, …';
    return this.#fail(token, `\`${token.text}\` is nothing that runs have. Names are ${names}`);
  }

  #quoteName(token: Token, { kind, reference }: FilterName): void {
    const isQuoted = /[`"]$/.test(token.text);
    const [, plain = token.text] = token.text.split(/\.(.*)/s);
    if (kind === 'attribute' || isQuoted || reference.endsWith(`.${plain}`)) return;
    const text = token.text.slice(0, token.text.length - plain.length) + reference.slice(kind.length + 1);
    this.quotes.push({ start: token.start, end: token.end, text });
  }

  #operatorAndValue(name: FilterName, after: Token): void {
    const first = this.#peek();
    if (!first) this.#fail(after, `Expected a comparison after \`${after.text}\`.`);
    this.#at++;
    let operator = first.text.toUpperCase();
    if (operator === 'NOT' && this.#isKeyword('IN')) {
      this.#at++;
      operator = 'NOT IN';
    }
    if (operator === 'IS') {
      this.#null(name, first);
      return;
    }
    const right = { '==': '=', '=>': '>=', '=<': '<=', '<>': '!=', '===': '=' }[operator];
    if (right) this.#fail(first, `\`${first.text}\` is written \`${right}\`.`, this.#with(first, right));
    if (!name.operators.includes(operator)) {
      const isText = name.kind === 'params' || name.kind === 'tags';
      this.#fail(
        first,
        `\`${name.reference}\` is compared by ${name.operators.join(', ')}, not by \`${first.text}\`.`,
        isText && asNumber(name).operators.includes(operator)
          ? this.#with(after, `number(${name.reference})`)
          : undefined,
      );
    }
    if (operator.endsWith('IN')) {
      this.#list(first);
      return;
    }
    const value = this.#peek();
    if (!value || (value.kind !== 'text' && value.kind !== 'number' && value.kind !== 'name')) {
      const example = name.type === 'number' ? '0' : this.#example(name);
      const fix = `${this.text.slice(0, first.end)} ${example}${this.text.slice(first.end)}`;
      this.#fail(first, `Expected a value after \`${first.text}\`.`, fix);
    }
    this.#at++;
    this.#value(name, value);
  }

  #value(name: FilterName, value: Token): void {
    if (name.type === 'number') {
      if (value.kind === 'number') return;
      const plain = unquoted(value.text);
      const isNumber = plain.trim() !== '' && Number.isFinite(Number(plain));
      this.#fail(
        value,
        `\`${name.reference}\` is compared with a number, without quotes.`,
        isNumber ? this.#with(value, plain) : undefined,
      );
    }
    const isBackticked = value.text.startsWith('`');
    if (value.kind === 'text' && !isBackticked) return;
    const plain = name.reference === 'status' ? unquoted(value.text).toUpperCase() : unquoted(value.text);
    this.quotes.push({ start: value.start, end: value.end, text: quotedText(plain) });
  }

  #null(name: FilterName, first: Token): void {
    if (this.#isKeyword('NOT')) this.#at++;
    if (!this.#isKeyword('NULL')) this.#fail(first, 'IS is followed by NULL or NOT NULL.');
    this.#at++;
    if (!name.operators.includes('IS NULL')) this.#fail(first, `\`${name.reference}\` cannot be asked for NULL.`);
  }

  #list(operator: Token): void {
    const open = this.#peek();
    if (open?.kind !== 'open') this.#fail(operator, `\`${operator.text}\` takes a list: IN ('a', 'b').`);
    this.#at++;
    for (;;) {
      const value = this.#peek();
      if (value?.kind !== 'text') this.#fail(value ?? operator, "A list holds texts in quotes: IN ('a', 'b').");
      this.#at++;
      const next = this.#peek();
      this.#at++;
      if (next?.kind === 'close') return;
      if (next?.kind !== 'comma') this.#fail(next ?? open, 'This list is never closed.', `${this.text})`);
    }
  }

  /** Bare words: the name, the beginning of the id, params and tags. */
  #search(token: Token): void {
    this.#at++;
    const word = unquoted(token.text);
    const like = quotedText(`%${word}%`);
    const keys = this.known.filter(({ kind, key }) => kind !== 'metrics' && !key.startsWith('mlflow.'));
    const terms = [
      `run_name ILIKE ${like}`,
      ...(/^[0-9a-f]{3,32}$/i.test(word) ? [`run_id LIKE ${quotedText(`${word.toLowerCase()}%`)}`] : []),
      ...keys.slice(0, MOST_KEYS).map((key) => `${keyReference(key)} ILIKE ${like}`),
    ];
    this.searches.push({ start: token.start, end: token.end, text: `(${terms.join(' OR ')})` });
  }

  #example({ kind, key }: FilterName): string {
    const found = this.known.find((each) => each.kind === kind && each.key === key)?.examples?.[0];
    return quotedText(found ?? (key === 'status' ? 'FINISHED' : ''));
  }
}

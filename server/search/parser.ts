/**
 * Filters as trees: MLflow's AND-ed comparisons, and beyond them OR, NOT and parentheses. It knows no columns: what a name means,
 * and whether a value suits it, is decided in conditions.ts.
 */
import { isKeyword, type Token, tokens } from './lexer.js';

export type Expression =
  | { readonly type: 'and' | 'or'; readonly terms: readonly Expression[] }
  | { readonly type: 'not'; readonly term: Expression }
  | Comparison;

export interface Comparison {
  readonly type: 'comparison';
  /** As written: `entity.key` or `key`, quotes included. */
  readonly name: string;
  /** Of `min(metrics.loss)`, in lower case. */
  readonly aggregate?: string;
  /** In upper case: =, !=, LIKE, NOT IN, IS NULL …; whatever operator was written, known or not. */
  readonly comparator: string;
  /** Absent after IS [NOT] NULL. */
  readonly operand?: Operand;
}

export interface Operand {
  /** `name` is a bare word, or quoted with backticks or double quotes. */
  readonly type: 'string' | 'number' | 'list' | 'name';
  /** As written. */
  readonly text: string;
  /** Of a list. */
  readonly items?: readonly Token[];
}

/** The grammar's refusals; each noun says them in its own words. */
export interface GrammarWords {
  /** Text in the filter that is no comparison. */
  clauses(clause: string, filter: string): Error;
  /** Two filters with a `;` between them. */
  multiple(filter: string): Error;
  /** A comparison that does not begin with a name. */
  notIdentifier(text: string): Error;
  /** Larger than a database can take. */
  tooLarge(what: string): Error;
}

/** Comparisons of one filter, and levels of parentheses: SQLite takes 1,000 levels of an expression. */
export const MOST_COMPARISONS = 250;
const MOST_LEVELS = 50;
/** Items of one list, all of them bound: SQLite takes 32,766 parameters a statement. */
export const MOST_ITEMS = 10_000;

/** The filter's tree, or undefined for one without a condition. Throws what `words` says. */
export function parseFilter(filter: string, words: GrammarWords): Expression | undefined {
  const all = tokens(filter);
  if (all.length === 0) return undefined;
  const end = all.findIndex((token) => token.text === ';');
  if (end >= 0 && end < all.length - 1) throw words.multiple(filter);
  return new Parser(filter, all, words).all();
}

class Parser {
  readonly #filter: string;
  readonly #tokens: readonly Token[];
  readonly #words: GrammarWords;
  #at = 0;
  #comparisons = 0;
  /** Where the clause that is being read began. */
  #clause = 0;

  constructor(filter: string, all: readonly Token[], words: GrammarWords) {
    this.#filter = filter;
    this.#tokens = all;
    this.#words = words;
  }

  all(): Expression | undefined {
    this.#skipAnds();
    if (this.#peek() === undefined) return undefined;
    const expression = this.#or(0);
    if (this.#peek() !== undefined) throw this.#invalid();
    return expression;
  }

  #or(level: number): Expression {
    const terms = [this.#and(level)];
    while (this.#takeKeyword('OR')) terms.push(this.#and(level));
    return terms.length === 1 ? (terms[0] as Expression) : { type: 'or', terms };
  }

  #and(level: number): Expression {
    const terms = [this.#unary(level)];
    while (isKeyword(this.#peek(), 'AND')) {
      this.#skipAnds();
      // MLflow drops every AND, also one at the end.
      if (this.#peek() === undefined) break;
      terms.push(this.#unary(level));
    }
    return terms.length === 1 ? (terms[0] as Expression) : { type: 'and', terms };
  }

  #unary(level: number): Expression {
    if (level > MOST_LEVELS) throw this.#words.tooLarge(`${MOST_LEVELS} levels of parentheses`);
    this.#clause = this.#at;
    if (this.#takeKeyword('NOT')) return { type: 'not', term: this.#unary(level + 1) };
    if (this.#peek()?.text === '(') {
      this.#at++;
      const inner = this.#or(level + 1);
      if (this.#take()?.text !== ')') throw this.#invalid();
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): Comparison {
    if (++this.#comparisons > MOST_COMPARISONS) throw this.#words.tooLarge(`${MOST_COMPARISONS} comparisons`);
    const left = this.#take();
    if (!left || left.kind === 'junk') throw this.#invalid();
    const name = this.#calculation(left) ?? left.text;
    const inner = left.kind === 'word' && this.#peek()?.text === '(' ? this.#argument() : undefined;
    const comparator = this.#comparator();
    if (comparator === undefined) throw this.#invalid();
    const operand = comparator.startsWith('IS ') ? undefined : this.#operand(comparator);
    if (inner) {
      const aggregate = left.text.toLowerCase();
      return { type: 'comparison', name: inner.text, aggregate, comparator, ...(operand && { operand }) };
    }
    const named = (left.kind === 'identifier' || left.kind === 'word') && name === left.text;
    if (!named) throw this.#words.notIdentifier(name);
    return { type: 'comparison', name, comparator, ...(operand && { operand }) };
  }

  /** `metrics.a-b` means a difference to sqlparse, and so is no name: such keys need quotes. */
  #calculation(left: Token): string | undefined {
    const next = this.#peek();
    if (next?.kind !== 'junk' || next.start !== left.end || !/^[-+*/%]/.test(next.text)) return undefined;
    this.#at++;
    return left.text + next.text;
  }

  /** `(name)` after the name of a function. */
  #argument(): Token {
    this.#at++;
    const name = this.#take();
    const close = this.#take();
    if (name?.kind !== 'identifier' || close?.text !== ')') throw this.#invalid();
    return name;
  }

  #comparator(): string | undefined {
    const token = this.#take();
    if (token?.kind === 'operator') return token.text;
    for (const word of ['LIKE', 'ILIKE', 'RLIKE', 'IN']) if (isKeyword(token, word)) return word;
    if (isKeyword(token, 'NOT')) {
      const second = this.#take();
      for (const word of ['LIKE', 'ILIKE', 'RLIKE', 'IN']) if (isKeyword(second, word)) return `NOT ${word}`;
      return undefined;
    }
    if (!isKeyword(token, 'IS')) return undefined;
    const isNot = this.#takeKeyword('NOT');
    return this.#takeKeyword('NULL') ? (isNot ? 'IS NOT NULL' : 'IS NULL') : undefined;
  }

  #operand(comparator: string): Operand {
    const token = this.#take();
    if (token?.text === '(') return this.#list(token);
    if (comparator.endsWith('IN')) throw this.#invalid();
    switch (token?.kind) {
      case 'string':
      case 'number':
        return { type: token.kind, text: token.text };
      case 'identifier':
      case 'word':
        if (isKeyword(token, 'AND') || isKeyword(token, 'OR')) throw this.#invalid();
        return { type: 'name', text: token.text };
      default:
        throw this.#invalid();
    }
  }

  #list(open: Token): Operand {
    const items: Token[] = [];
    for (;;) {
      const token = this.#take();
      if (token === undefined || token.text === ';') throw this.#invalid();
      if (token.text === ')') {
        return { type: 'list', text: this.#filter.slice(open.start, token.end), items };
      }
      items.push(token);
      if (items.length > 2 * MOST_ITEMS) throw this.#words.tooLarge(`${MOST_ITEMS} items in a list`);
    }
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #take(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  #takeKeyword(keyword: string): boolean {
    const taken = isKeyword(this.#peek(), keyword);
    if (taken) this.#at++;
    return taken;
  }

  #skipAnds(): void {
    while (this.#takeKeyword('AND'));
  }

  /** The clause that was being read, up to the next AND. */
  #invalid(): Error {
    const rest = this.#tokens.slice(this.#clause);
    const end = rest.findIndex((token, i) => i > 0 && isKeyword(token, 'AND'));
    const clause = end < 0 ? rest : rest.slice(0, end);
    const text = this.#filter.slice(clause[0]?.start ?? 0, clause.at(-1)?.end ?? this.#filter.length);
    return this.#words.clauses(text, this.#filter);
  }
}

/** What may come next where the caret is, and what part of the text it would stand in for. */
import { keyReference } from '../display/run-columns.js';
import type { KnownKey } from './check.js';
import { type Token, tokensOf, unquoted } from './lexer.js';
import { ATTRIBUTES, type FilterName, filterName } from './names.js';

export interface Completion {
  text: string;
  /** Beside it: example values, what it means. */
  hint?: string | undefined;
}

export interface Slot {
  /** What is replaced. */
  start: number;
  end: number;
  /** What is typed of it so far. */
  typed: string;
  expects: 'name' | 'operator' | 'value' | 'connective';
  /** The left side, where an operator or a value is expected. */
  name?: FilterName | undefined;
}

export function slotAt(text: string, caret: number): Slot {
  const tokens = tokensOf(text.slice(0, caret));
  const last = tokens.at(-1);
  const isTyping = last !== undefined && last.end === caret && /name|text|number|keyword|operator/.test(last.kind);
  const before = isTyping ? tokens.slice(0, -1) : tokens;
  const { expects, name } = expected(before);
  if (!last || !isTyping) return { start: caret, end: caret, typed: '', expects, name };
  // An operator is done with its last sign.
  if (last.kind === 'operator') {
    const after = expected(tokens);
    return { start: caret, end: caret, typed: '', ...after };
  }
  return { start: last.start, end: endOfToken(text, last, caret), typed: last.text, expects, name };
}

/** The token that the caret is in, to its own end. */
function endOfToken(text: string, { start }: Token, caret: number): number {
  return tokensOf(text).find((token) => token.start === start)?.end ?? caret;
}

function expected(before: readonly Token[]): Pick<Slot, 'expects' | 'name'> {
  const last = before.at(-1);
  if (!last || last.kind === 'open' || isWord(last, 'and|or|not')) return { expects: 'name' };
  if (last.kind === 'function') return { expects: 'name' };
  if (last.kind === 'operator' || isWord(last, 'like|ilike')) {
    return { expects: 'value', name: nameOf(before.at(-2)) };
  }
  const name = last.kind === 'name' && !isValue(before.at(-2)) ? nameOf(last) : undefined;
  return name ? { expects: 'operator', name } : { expects: 'connective' };
}

const isWord = ({ kind, text }: Token, words: string) =>
  kind === 'keyword' && new RegExp(`^(${words})$`, 'i').test(text);
const isValue = (token: Token | undefined) =>
  token !== undefined && (token.kind === 'operator' || isWord(token, 'like|ilike'));
const nameOf = (token: Token | undefined) => token && filterName(token.text);

const MOST = 50;

/** All but values, which the server knows. */
export function completions({ expects, name, typed }: Slot, known: readonly KnownKey[]): Completion[] {
  const sought = unquoted(typed.replace(/^(\w+\.)(?=[`"])/, '')).toLowerCase();
  if (expects === 'operator') return startingWith(name?.operators ?? [], typed);
  if (expects === 'connective') return startingWith(['AND', 'OR'], typed);
  if (expects === 'value') return [];
  const names = [
    ...known.map((key) => ({
      text: keyReference(key),
      plain: `${key.kind}.${key.key}`.toLowerCase(),
      hint: key.examples?.length ? key.examples.slice(0, 3).join(', ') : undefined,
    })),
    ...Object.entries(ATTRIBUTES).map(([text, { hint }]) => ({ text, plain: text, hint })),
  ];
  const isKeyStart = /^(metrics|params|tags)\./.test(typed.toLowerCase());
  const wanted = isKeyStart ? typed.replaceAll(/[`"]/g, '').toLowerCase() : sought;
  const found = names.filter(({ plain }) => plain.includes(wanted));
  // What begins with the typed comes first.
  const rank = (plain: string) => (plain.startsWith(wanted) || plain.split('.', 2)[1]?.startsWith(wanted) ? 0 : 1);
  return found
    .sort((a, b) => rank(a.plain) - rank(b.plain))
    .slice(0, MOST)
    .map(({ text, hint }) => ({ text, hint }));
}

function startingWith(words: readonly string[], typed: string): Completion[] {
  return words.filter((word) => word.startsWith(typed.toUpperCase())).map((text) => ({ text }));
}

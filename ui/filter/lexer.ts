/** The filter language of docs/search.md in tokens, each with its place: to colour them, to complete them, to say where something is wrong. */

export type TokenKind =
  | 'name'
  | 'function'
  | 'operator'
  | 'keyword'
  | 'text'
  | 'number'
  | 'open'
  | 'close'
  | 'comma'
  | 'odd';

export interface Token {
  kind: TokenKind;
  text: string;
  start: number;
  end: number;
  /** Of a text or a quoted key that never ends. */
  isOpen?: boolean;
}

const KEYWORDS = new Set(['AND', 'OR', 'NOT', 'IN', 'LIKE', 'ILIKE', 'IS', 'NULL']);
const FUNCTIONS = new Set(['number', 'min', 'max', 'first', 'last_step', 'count']);
const SIGNS: Record<string, TokenKind> = { '(': 'open', ')': 'close', ',': 'comma' };
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** `!==`, `&&` and their like are read as one, so that what is wrong is one thing. */
const OPERATOR = /^(?:[=!<>]+|&&|\|\|)/;
const WORD = /^[^\s()=!<>,'"`&|]+/;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest)?.[0].length ?? 0;
    if (space > 0) {
      at += space;
      continue;
    }
    const token = tokenAt(text, at, rest);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function tokenAt(text: string, at: number, rest: string): Token {
  const first = rest[0] ?? '';
  const sign = SIGNS[first];
  if (sign) return { kind: sign, text: first, start: at, end: at + 1 };
  const operator = OPERATOR.exec(rest)?.[0];
  if (operator) return { kind: 'operator', text: operator, start: at, end: at + operator.length };
  if (first === "'" || first === '"' || first === '`') return quotedToken(text, at, at);
  const word = WORD.exec(rest)?.[0] ?? '';
  if (word === '') return { kind: 'odd', text: first, start: at, end: at + 1 };
  const end = at + word.length;
  const next = text[end];
  if (word.endsWith('.') && (next === '`' || next === '"')) return { ...quotedToken(text, at, end), kind: 'name' };
  return { kind: wordKind(word, text.slice(end)), text: word, start: at, end };
}

function wordKind(word: string, rest: string): TokenKind {
  if (KEYWORDS.has(word.toUpperCase())) return 'keyword';
  if (NUMBER.test(word)) return 'number';
  return FUNCTIONS.has(word.toLowerCase()) && rest.trimStart().startsWith('(') ? 'function' : 'name';
}

/** From `start`, with the quote at `from`; a doubled quote is one of the text. */
function quotedToken(text: string, start: number, from: number): Token {
  const quote = text[from] ?? '';
  let end = from + 1;
  while (end < text.length) {
    if (text[end] !== quote) end++;
    else if (text[end + 1] === quote) end += 2;
    else return { kind: 'text', text: text.slice(start, end + 1), start, end: end + 1 };
  }
  return { kind: 'text', text: text.slice(start), start, end: text.length, isOpen: true };
}

/** What a text or a quoted key says. */
export function unquoted(text: string): string {
  const quote = text[0] ?? '';
  if (!`'"\``.includes(quote) || quote === '') return text;
  const inner = text.endsWith(quote) && text.length > 1 ? text.slice(1, -1) : text.slice(1);
  return inner.replaceAll(quote + quote, quote);
}

export const quotedText = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Cuts a filter or an order_by item into tokens, as sqlparse does where MLflow's grammar reaches. Pure. */

export type TokenKind = 'word' | 'identifier' | 'string' | 'number' | 'operator' | 'punctuation' | 'junk';

export interface Token {
  /**
   * `word` is bare and has no dot, so that it may be a keyword. `identifier` has an entity or quotes: metrics.loss, `a b`, "a b" —
   * a text in double quotes is an identifier where a name is expected and a string where a value is.
   */
  readonly kind: TokenKind;
  /** As written, quotes included. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One part of a name: bare, in backticks, or in double quotes. Bare parts are what Python's `\w` takes. */
const PART = /(?:[\p{L}_][\p{L}\p{N}_]*|`[^`]*`|"(?:[^"]|"")*")/u.source;
/** After the first dot a key may also have further dots inside its bare parts. */
const NAME = new RegExp(`${PART}(?:\\.(?:${PART}|'[^']*'))*`, 'uy');
const RULES: readonly (readonly [TokenKind | 'space', RegExp])[] = [
  ['space', /\s+/uy],
  ['string', /'(?:[^']|'')*'/uy],
  ['number', /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\p{L}\p{N}_])/iuy],
  ['identifier', NAME],
  ['operator', /[<>=~!]+/uy],
  ['punctuation', /[(),;]/uy],
  ['junk', /[^\s(),;]+/uy],
];
const BARE = /^[\p{L}_][\p{L}\p{N}_]*$/u;

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at);
    if (token.kind !== 'space') found.push(token as Token);
    at = token.end;
  }
  return found;
}

function tokenAt(text: string, at: number): Omit<Token, 'kind'> & { kind: TokenKind | 'space' } {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = at;
    const match = rule.exec(text);
    if (!match) continue;
    const end = at + match[0].length;
    const word = kind === 'identifier' && BARE.test(match[0]);
    return { kind: word ? 'word' : kind, text: match[0], start: at, end };
  }
  // No rule takes a lone quote that junk does not: this is a single character of whatever is left.
  return { kind: 'junk', text: text.slice(at, at + 1), start: at, end: at + 1 };
}

/** Whether a token is this keyword, in any case. */
export const isKeyword = (token: Token | undefined, keyword: string): boolean =>
  token?.kind === 'word' && token.text.toUpperCase() === keyword;

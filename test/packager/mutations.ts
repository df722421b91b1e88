/** Bodies that are almost good: texts of requests changed at random, as bytes, as tokens and as JSON. */

export interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Random = () => number;

/** What parsers trip over, in place of a token or between two. */
const TOKENS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '[]',
    '{}',
    '"',
    "'",
    ',',
    ':',
    '\\',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '\u0000',
    '\ufeff',
    '\u2028',
    '%',
  ],
  ...[
    'NaN',
    'Infinity',
    '-Infinity',
    'null',
    'true',
    'nul',
    'undefined',
    '""',
    '"abc"',
    '"\\ud800"',
    '"\\u0000"',
    '\\x00',
  ],
  ...['0', '-0', '01', '1.', '.5', '1e', '1e5', '1e400', '-1e400', '1e-400', '0x10', '+1', '--1', '1_000', '½'],
  ...['2147483648', '9007199254740993', '9223372036854775807', '-9223372036854775809', '18446744073709551616'],
  `${'9'.repeat(400)}`,
  `0.${'1'.repeat(400)}`,
  `"${'a'.repeat(2000)}"`,
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '"inputs"',
  '"data"',
  '"columns"',
  '"params"',
];

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e300,
  2 ** 40,
  '',
  'a',
  'NaN',
  [],
  [[]],
  [[[1]]],
  [1, [2]],
  {},
  { a: 1 },
  [{}],
  { __proto__: null, length: 3 },
  new Array(200).fill(1),
];

const TYPES = [
  ...['application/json', 'text/csv', 'APPLICATION/JSON', 'application/json; charset=utf-8', 'text/csv; header=absent'],
  ...['text/csv; header=present', 'application/json; format=pandas-split', 'application/json; format=pandas-records'],
  ...[
    'application/json;',
    'application/json;;format=',
    'application/json; charset=',
    'text/csv; header',
    ';',
    '=',
    '/',
  ],
  ...['application/x-npy', 'text/plain', 'multipart/form-data; boundary=x', `application/json; ${'x'.repeat(500)}=1`],
];

const ACCEPTED = [
  'text/csv',
  'application/x-npy',
  '*/*',
  'application/json;q=0',
  'image/png',
  'x',
  ';q=',
  '*/*;q=2',
  '',
];
const LENGTHS = ['0', '1', '40', '-1', '1.5', '1e3', '99999999999999999999', 'x', ''];

/** A request whose body is changed once to a few times; now and then a header of it, and now and then nothing. */
export function mutated({ path, headers, body }: Sent, random: Random): Sent {
  const pick = <Item>(list: readonly Item[]): Item => list[Math.floor(random() * list.length)] as Item;
  let changed: Buffer = body;
  for (let times = Math.floor(random() * 3); times >= 0; times--) changed = pick(MUTATIONS)(changed, random, pick);
  const others = {
    ...(random() < 0.05 && { 'content-type': pick(TYPES) }),
    ...(random() < 0.05 && { accept: pick(ACCEPTED) }),
    ...(random() < 0.03 && { 'inference-header-content-length': pick(LENGTHS) }),
  };
  return { path, headers: { ...headers, ...others }, body: changed };
}

type Pick = <Item>(list: readonly Item[]) => Item;
type Mutation = (body: Buffer, random: Random, pick: Pick) => Buffer;

const at = (body: Buffer, random: Random) => Math.floor(random() * (body.length + 1));
const splice = (body: Buffer, start: number, end: number, part: string | Buffer) =>
  Buffer.concat([body.subarray(0, start), Buffer.from(part as string), body.subarray(end)]);

const MUTATIONS: readonly Mutation[] = [
  (body) => body,
  (body, random) => body.subarray(0, at(body, random)),
  (body, random) => body.subarray(at(body, random)),
  (body, random) => {
    const flipped = Buffer.from(body);
    for (let times = 0; times < 3 && flipped.length > 0; times++) {
      flipped[Math.floor(random() * flipped.length)] = Math.floor(random() * 256);
    }
    return flipped;
  },
  (body, random, pick) => {
    const start = at(body, random);
    return splice(body, start, start, pick(TOKENS));
  },
  // A part is left out, or said twice.
  (body, random) => {
    const [start, end] = [at(body, random), at(body, random)].sort((a, b) => a - b) as [number, number];
    return splice(body, start, end, '');
  },
  (body, random) => {
    const start = at(body, random);
    return splice(body, start, start, body.subarray(start, start + 40));
  },
  otherToken,
  otherToken,
  otherValue,
  otherValue,
  (body, random, pick) => {
    const depth = pick([10, 70, 1000, 20_000]);
    const [open, close] = pick([
      ['[', ']'],
      ['{"a":', '}'],
      ['[', ''],
    ]) as [string, string];
    const start = at(body, random);
    return splice(body, start, start, open.repeat(depth) + pick(['1', 'NaN', '"a"']) + close.repeat(depth));
  },
];

function otherToken(body: Buffer, _random: Random, pick: Pick): Buffer {
  const text = body.toString('latin1');
  const tokens = [...text.matchAll(/"[^"]*"|[\w.+-]+|[[\]{},:\n]/g)];
  if (tokens.length === 0) return body;
  const { index, 0: token } = pick(tokens);
  return splice(body, index, index + token.length, pick(TOKENS));
}

/** Another value, or none, or another name somewhere in the JSON; of what is no JSON a part comes last. */
function otherValue(body: Buffer, random: Random, pick: Pick): Buffer {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    const start = at(body, random);
    return Buffer.concat([body.subarray(start), body.subarray(0, start)]);
  }
  const change = (part: unknown, depth: number): unknown => {
    if (random() < 0.15 * depth) return pick(VALUES);
    if (Array.isArray(part)) {
      if (part.length === 0) return part;
      const place = Math.floor(random() * part.length);
      const changed = change(part[place], depth + 1);
      if (random() < 0.1) return part.toSpliced(place, 1);
      return random() < 0.1 ? [...part, changed] : part.with(place, changed);
    }
    if (typeof part !== 'object' || part === null) return pick(VALUES);
    const entries = Object.entries(part);
    if (entries.length === 0) return pick(VALUES);
    const [name, old] = pick(entries);
    const rest = entries.filter(([each]) => each !== name);
    if (random() < 0.1) return Object.fromEntries(rest);
    return Object.fromEntries([...rest, [random() < 0.1 ? `${name}_` : name, change(old, depth + 1)]]);
  };
  return Buffer.from(JSON.stringify(change(value, 0)) ?? '');
}

/** What a reply is written as, which a request says in its Accept header (RFC 9110, 12.5.1). */

const TYPES = ['application/json', 'text/csv', 'application/x-npy'] as const;

export type ReplyType = (typeof TYPES)[number];

/** SageMaker's variable for what is meant where a request leaves it open. */
const VARIABLE = 'SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT';

/** JSON, or what the environment says. Throws an Error that names a variable which is none of the types. */
export function defaultReplyType(environment: NodeJS.ProcessEnv): ReplyType {
  const text = environment[VARIABLE];
  if (!text) return 'application/json';
  const type = TYPES.find((each) => each === text.split(';')[0]?.trim().toLowerCase());
  if (!type) throw new Error(`${VARIABLE} is '${text}': it must be one of ${TYPES.join(', ')}`);
  return type;
}

/** What a model of so many outputs can be answered in, the preferred first: a .npy file holds one array. */
export function offeredTypes(outputs: number, preferred: ReplyType): ReplyType[] {
  const types = TYPES.filter((type) => type !== 'application/x-npy' || outputs === 1);
  return types.sort((one, other) => Number(other === preferred) - Number(one === preferred));
}

interface Range {
  readonly type: string;
  readonly quality: number;
  /** 2 for a type, 1 for `type/*`, 0 for all. */
  readonly exactness: number;
}

/**
 * The best of the offered types: of those with the highest q, the one that the header names most exactly, then first; where it
 * leaves that open, the first that is offered. Undefined when the header accepts none.
 */
export function replyTypeOf(accept: string | undefined, offered: readonly ReplyType[]): ReplyType | undefined {
  if (accept === undefined || accept.trim() === '' || accept === '*/*') return offered[0];
  const ranges = accept.split(',').map(rangeOf);
  let best: { type: ReplyType; range: Range } | undefined;
  for (const type of offered) {
    const range = rangeFor(type, ranges);
    if (range && range.quality > 0 && (!best || isBetter(range, best.range, ranges))) best = { type, range };
  }
  return best?.type;
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 1, exactness: exactnessOf(type) };
}

function exactnessOf(type: string): number {
  if (type === '*/*') return 0;
  return type.endsWith('/*') ? 1 : 2;
}

/** The range that says most exactly how welcome the type is. */
function rangeFor(type: ReplyType, ranges: readonly Range[]): Range | undefined {
  let found: Range | undefined;
  for (const range of ranges) {
    const matches = range.type === '*/*' || range.type === type || range.type === type.replace(/\/.*/, '/*');
    if (matches && (!found || range.exactness > found.exactness)) found = range;
  }
  return found;
}

function isBetter(one: Range, other: Range, ranges: readonly Range[]): boolean {
  if (one.quality !== other.quality) return one.quality > other.quality;
  if (one.exactness !== other.exactness) return one.exactness > other.exactness;
  return ranges.indexOf(one) < ranges.indexOf(other);
}

/**
 * Schemas of protobuf-JSON messages: a field table per message from which types, validation and documentation follow.
 * The rules are the protobuf JSON mapping plus MLflow's own messages (`_get_request_message` and `_validate_param_against_schema`
 * in `mlflow/server/handlers.py`): unknown fields are ignored, names may be lowerCamelCase, int64 may be a numeric string,
 * doubles may be "NaN" or "Infinity", enums may be numbers. Parsing normalises the given object in place.
 */
import { invalid } from './errors.js';

/** An int64. A bigint only where a number would lose digits (beyond ±2^53 − 1). */
export type Int64 = number | bigint;

/** How a type is written in documentation. */
export interface TypeDoc {
  type: string;
  format?: string;
  enum?: readonly string[];
  items?: TypeDoc;
  message?: Message<Shape>;
}

export interface Type<T> {
  readonly doc: TypeDoc;
  /** The value in its canonical form, or a thrown INVALID_PARAMETER_VALUE that names `path`. */
  parse(value: unknown, path: string): T;
  /** What a client does to a received value; absent where JSON already says it all. */
  revive?(value: unknown): unknown;
}

/** Thrown by an int64 field that met a JSON number beyond ±2^53: the body must be read again with its digits kept. */
export class LostDigits extends Error {}

export type Presence = 'required' | 'optional' | 'default';

/** `I` is what a caller may send where that is less than what a handler gets: messages with defaults of their own. */
export interface Field<T, P extends Presence = Presence, I = T> {
  readonly type: Type<T>;
  readonly presence: P;
  /** Never there: it carries `I`. */
  readonly input?: I;
  readonly initial?: () => T;
  readonly note?: string;
}

export type Shape = Record<string, Field<unknown, Presence, unknown>>;

type ValueOf<F> = F extends Field<infer T, Presence, infer _> ? T : never;
type InputOf<F> = F extends Field<infer _, Presence, infer I> ? I : never;
type KeysWith<S extends Shape, P extends Presence> = {
  [K in keyof S]: S[K] extends Field<unknown, infer Q, unknown> ? (Q extends P ? K : never) : never;
}[keyof S];
type Flat<T> = { [K in keyof T]: T[K] };

/** What a handler receives and a response holds: defaults are filled in. */
export type Output<M> =
  M extends Message<infer S>
    ? Flat<
        { [K in KeysWith<S, 'required' | 'default'>]: ValueOf<S[K]> } & {
          [K in KeysWith<S, 'optional'>]?: ValueOf<S[K]> | undefined;
        }
      >
    : never;

/** What a caller may send: fields with a default may be left out. */
export type Input<M> =
  M extends Message<infer S>
    ? Flat<
        { [K in KeysWith<S, 'required'>]: InputOf<S[K]> } & {
          [K in KeysWith<S, 'optional' | 'default'>]?: InputOf<S[K]> | undefined;
        }
      >
    : never;

const SEE_DOCS = 'See the API docs for more information about request parameters.';

/** Python's name of a JSON value's type, which MLflow's messages use. */
function pythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'bigint':
      return 'int';
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    default:
      return 'dict';
  }
}

function echo(value: unknown): string {
  try {
    const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null');
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  } catch {
    return 'nested too deeply';
  }
}

function wrongType(value: unknown, path: string): Error {
  return invalid(
    `Invalid value ${echo(value)} for parameter '${path}' supplied:  Hint: Value was of type '${pythonType(value)}'. ${SEE_DOCS}`,
  );
}

export function missingParameter(path: string): Error {
  return invalid(`Missing value for required parameter '${path}'. ${SEE_DOCS}`);
}

/** Which of them counts is not left to chance: what looks at requests on the way here must see the same value. */
const twoSpellings = (name: string, camel: string) =>
  invalid(`Request specifies both '${name}' and '${camel}'; provide only one of them.`);

const stringType: Type<string> = {
  doc: { type: 'string' },
  parse(value, path) {
    if (typeof value !== 'string') throw wrongType(value, path);
    return value;
  },
};

/** Identifiers that old clients send as numbers; kept as strings (`_stringify_all_experiment_ids`). */
const idType: Type<string> = {
  doc: { type: 'string' },
  parse(value, path) {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
    throw wrongType(value, path);
  },
};

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

function int64Of(value: unknown, path: string): Int64 {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value;
    // What lies far beyond int64 is wrong in every spelling.
    if (Number.isInteger(value) && Math.abs(value) <= 2 ** 64) throw new LostDigits();
    throw wrongType(value, path);
  }
  if (typeof value !== 'string' || !/^[+-]?\d{1,30}(\.0*)?(e\+?\d{1,2})?$/i.test(value)) throw wrongType(value, path);
  const digits = /e/i.test(value) ? String(BigInt(Number(value))) : value.replace(/^\+|\.0*$/g, '');
  const small = Number(digits);
  if (Number.isSafeInteger(small)) return small;
  const big = BigInt(digits);
  if (big > INT64_MAX || big < INT64_MIN) throw wrongType(value, path);
  return big;
}

const int64Type: Type<Int64> = { doc: { type: 'integer', format: 'int64' }, parse: int64Of };

const integerType: Type<number> = {
  doc: { type: 'integer', format: 'int64' },
  parse(value, path) {
    const n = int64Of(value, path);
    if (typeof n === 'bigint') throw wrongType(value, path);
    return n;
  },
};

const int32Type: Type<number> = {
  doc: { type: 'integer', format: 'int32' },
  parse(value, path) {
    const n = integerType.parse(value, path);
    if (n > 2_147_483_647 || n < -2_147_483_648) throw wrongType(value, path);
    return n;
  },
};

const SPECIAL_DOUBLES: Record<string, number> = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity };

const doubleType: Type<number> = {
  doc: { type: 'number', format: 'double' },
  parse(value, path) {
    if (typeof value === 'number') return value;
    if (typeof value === 'string') {
      const special = SPECIAL_DOUBLES[value];
      if (special !== undefined) return special;
      if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return Number(value);
    }
    throw wrongType(value, path);
  },
  revive: (value) => (typeof value === 'string' ? (SPECIAL_DOUBLES[value] ?? Number(value)) : value),
};

const boolType: Type<boolean> = {
  doc: { type: 'boolean' },
  parse(value, path) {
    if (typeof value === 'boolean') return value;
    if (typeof value === 'string') {
      const text = value.toLowerCase();
      if (text === 'true' || text === 'false') return text === 'true';
      throw invalid(`Invalid boolean value: ${value}, must be 'true' or 'false'.`);
    }
    throw wrongType(value, path);
  },
};

function enumType<const N extends Record<string, number>>(numbers: N): Type<keyof N & string> {
  const names = Object.keys(numbers);
  return {
    doc: { type: 'string', enum: names },
    parse(value, path) {
      if (typeof value === 'string' && Object.hasOwn(numbers, value)) return value as keyof N & string;
      const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      const name = names.find((each) => numbers[each] === number);
      if (name !== undefined) return name as keyof N & string;
      throw invalid(
        `Invalid value ${echo(value)} for parameter '${path}' supplied: expected one of ${names.join(', ')}. ${SEE_DOCS}`,
      );
    },
  };
}

function listType<T>(items: Type<T>): Type<T[]> {
  return {
    doc: { type: 'array', items: items.doc },
    parse(value, path) {
      if (!Array.isArray(value)) throw wrongType(value, path);
      for (let i = 0; i < value.length; i++) {
        const item = value[i];
        // The path is spelt out only for an item that fails: building 1,000 of them costs more than the checks.
        let parsed: T;
        try {
          parsed = items.parse(item, '');
        } catch (error) {
          if (error instanceof LostDigits) throw error;
          parsed = items.parse(item, `${path}[${i}]`);
        }
        if (parsed !== item) value[i] = parsed;
      }
      return value as T[];
    },
    ...(items.revive && {
      revive: (value: unknown) => (Array.isArray(value) ? value.map((item) => items.revive?.(item)) : value),
    }),
  };
}

const field = <T>(type: Type<T>, note?: string): Field<T, 'optional'> => ({
  type,
  presence: 'optional',
  ...(note ? { note } : {}),
});

/** The field must be there; `null` and `""` count as missing unless `emptyOk`, as in MLflow. */
export function required<T>(of: Field<T>): Field<T, 'required'> {
  return { ...of, presence: 'required' };
}

export function withDefault<T>(of: Field<T>, initial: T): Field<T, 'default'> {
  return { ...of, presence: 'default', initial: () => initial };
}

export const string = (note?: string) => field(stringType, note);
export const id = (note?: string) => field(idType, note);
export const int64 = (note?: string) => field(int64Type, note);
/** An int64 that is a time or a count: refused where a number could not hold it. */
export const integer = (note?: string) => field(integerType, note);
export const int32 = (note?: string) => field(int32Type, note);
export const double = (note?: string) => field(doubleType, note);
export const bool = (note?: string) => field(boolType, note);
export const enumeration = <const N extends Record<string, number>>(numbers: N, note?: string) =>
  field(enumType(numbers), note);

/** A repeated scalar: an empty list where nothing is sent. */
export function list<T>(items: Field<T>, note?: string): Field<T[], 'default'> {
  return { ...field(listType(items.type), note), presence: 'default', initial: () => [] };
}

/** A repeated scalar of a response: absent when empty. */
export const some = <T>(items: Field<T>, note?: string): Field<T[], 'optional'> => field(listType(items.type), note);

/** A repeated message. */
export function listOf<S extends Shape>(
  message: Message<S>,
  note?: string,
): Field<Output<Message<S>>[], 'default', Input<Message<S>>[]> {
  return { type: listType(message.type), presence: 'default', initial: () => [], ...(note !== undefined && { note }) };
}

/** A repeated message of a response: absent when empty, as on MLflow's wire. */
export function someOf<S extends Shape>(message: Message<S>, note?: string): Field<Output<Message<S>>[], 'optional'> {
  return field(listType(message.type), note);
}

/** A nested message. */
export function one<S extends Shape>(message: Message<S>, note?: string): Field<Output<Message<S>>, 'optional'> {
  return field(message.type, note);
}

const camelCase = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

interface Slot {
  name: string;
  camel: string | undefined;
  field: Field<unknown>;
  emptyIsMissing: boolean;
}

/** A protobuf message: its name, its fields in order, and what checks and normalises one. */
export class Message<S extends Shape> {
  readonly name: string;
  readonly shape: S;
  readonly type: Type<Output<Message<S>>>;
  readonly #slots: Slot[];

  constructor(name: string, shape: S) {
    this.name = name;
    this.shape = shape;
    this.#slots = Object.entries(shape).map(([key, each]) => ({
      name: key,
      camel: camelCase(key) === key ? undefined : camelCase(key),
      field: each,
      emptyIsMissing: each.presence === 'required' && each.note !== EMPTY_OK,
    }));
    const revivable = this.#slots.filter((slot) => slot.field.type.revive);
    this.type = {
      doc: { type: 'object', message: this },
      parse: (value, path) => this.parse(value, path),
      ...(revivable.length > 0 && {
        revive(value: unknown) {
          const object = value as Record<string, unknown>;
          for (const { name, field } of revivable) {
            if (object[name] !== undefined) object[name] = field.type.revive?.(object[name]);
          }
          return object;
        },
      }),
    };
  }

  /** A received message with its doubles as numbers ("NaN" and infinities travel as strings). */
  revive(value: unknown): Output<Message<S>> {
    return (this.type.revive ? this.type.revive(value) : value) as Output<Message<S>>;
  }

  /** The message with defaults filled in: the object that was given, changed in place. */
  parse(value: unknown, path = ''): Output<Message<S>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw path ? wrongType(value, path) : invalid('The request body must be a JSON object.');
    }
    const object = value as Record<string, unknown>;
    for (const slot of this.#slots) {
      const { name, field } = slot;
      let given = object[name];
      if (slot.camel !== undefined) {
        const other = object[slot.camel];
        if (other !== undefined) {
          if (given !== undefined) throw twoSpellings(name, slot.camel);
          given = other;
          object[slot.camel] = undefined;
        }
      }
      if (given === undefined || given === null || (given === '' && slot.emptyIsMissing)) {
        if (field.presence === 'required') throw missingParameter(path ? `${path}.${name}` : name);
        if (field.initial) object[name] = field.initial();
        else if (given !== undefined) object[name] = undefined;
        continue;
      }
      const parsed = field.type.parse(given, path ? `${path}.${name}` : name);
      if (parsed !== object[name]) object[name] = parsed;
    }
    return object as Output<Message<S>>;
  }
}

/** Mark of a required string that may be empty (a tag's or a param's value). */
const EMPTY_OK = 'may be empty';
export const emptyOk = (): Field<string, 'required'> => required(string(EMPTY_OK));

export const message = <const S extends Shape>(name: string, shape: S): Message<S> => new Message(name, shape);

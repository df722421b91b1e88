/** From the fields of the form to MLflow's scoring JSON, and from an example to the fields. */
import type { ServingSpec } from '../../../queries/registry/serving.js';

/** What stands in a field: text for numbers, texts and tensors; '' where nothing was given. */
export type Values = Readonly<Record<string, string>>;

export interface Made {
  /** Absent while a field is wrong. */
  body?: string;
  /** By the key of the field. */
  errors: Readonly<Record<string, string>>;
}

export const fieldKey = ({ name }: ServingSpec, place: number) => name ?? `#${place}`;
export const fieldLabel = ({ name }: ServingSpec, place: number) =>
  name ?? (place === 0 ? 'Input' : `Input ${place + 1}`);

export type FieldKind = 'number' | 'integer' | 'boolean' | 'text' | 'tensor' | 'json';

/** A tensor that may hold a single value is asked for as that value. */
export function kindOf({ type, shape }: ServingSpec): FieldKind {
  if (shape && !isScalar(shape)) return 'tensor';
  if (/^(double|float)/.test(type)) return 'number';
  if (/^(long|integer|u?int)/.test(type)) return 'integer';
  if (/^bool/.test(type)) return 'boolean';
  return /^(str|string|object|datetime|binary)$/.test(type) ? 'text' : 'json';
}

const isScalar = (shape: readonly number[]) => shape.length <= 2 && shape.every((size) => size === 1 || size < 0);

/** `[[5]]` of 5, for as many axes as the tensor has. */
const nested = (value: unknown, shape: readonly number[]): unknown => shape.reduce<unknown>((inner) => [inner], value);

/** What a picture is turned into: its size, and where the channels stand. */
export interface PictureShape {
  height: number;
  width: number;
  channels: number;
  isChannelsFirst: boolean;
  hasBatch: boolean;
}

/** A tensor of one picture or a batch of them; undefined for all others. Sides that are free are 224 long. */
export function pictureShape({ shape, type }: ServingSpec): PictureShape | undefined {
  if (!shape || shape.length < 3 || shape.length > 4 || !/^(float|uint8|double)/.test(type)) return undefined;
  const hasBatch = shape.length === 4;
  if (hasBatch && (shape[0] ?? 0) > 1) return undefined;
  const [a = 0, b = 0, c = 0] = shape.slice(-3);
  const isChannels = (size: number) => size === 1 || size === 3;
  const side = (size: number) => (size > 0 ? size : 224);
  if (isChannels(a) && (b > 4 || b < 0)) {
    return { channels: a, height: side(b), width: side(c), isChannelsFirst: true, hasBatch };
  }
  if (isChannels(c) && (a > 4 || a < 0)) {
    return { height: side(a), width: side(b), channels: c, isChannelsFirst: false, hasBatch };
  }
  return undefined;
}

export function makeRequest(fields: readonly ServingSpec[], values: Values): Made {
  const errors: Record<string, string> = {};
  const parsed: [field: ServingSpec, value: unknown][] = [];
  fields.forEach((field, place) => {
    const key = fieldKey(field, place);
    try {
      const value = parse(field, (values[key] ?? '').trim());
      if (value === undefined) return;
      const isBare = field.shape && kindOf(field) !== 'tensor';
      parsed.push([field, isBare ? nested(value, field.shape ?? []) : value]);
    } catch (error) {
      errors[key] = (error as Error).message;
    }
  });
  if (Object.keys(errors).length > 0) return { errors };
  return { errors, body: JSON.stringify(requestOf(fields, parsed)) };
}

function requestOf(fields: readonly ServingSpec[], parsed: readonly [ServingSpec, unknown][]): unknown {
  if (!fields.some(({ shape }) => shape)) {
    return {
      dataframe_split: { columns: parsed.map(([{ name }]) => name), data: [parsed.map(([, value]) => value)] },
    };
  }
  const [first] = parsed;
  if (fields.length === 1 && first && first[0].name === undefined) return { inputs: first[1] };
  return { inputs: Object.fromEntries(parsed.map(([{ name }, value], place) => [name ?? `#${place}`, value])) };
}

/** Undefined where an optional field is empty. Throws Error with what is wrong. */
function parse(field: ServingSpec, text: string): unknown {
  const kind = kindOf(field);
  if (text === '') {
    if (kind === 'boolean') return field.required === false ? undefined : false;
    if (field.required === false) return undefined;
    if (kind === 'text') return '';
    throw new Error('A value is needed.');
  }
  if (kind === 'text') return text;
  if (kind === 'boolean') return text === 'true';
  if (kind === 'number' || kind === 'integer') {
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Error(`“${text}” is no number.`);
    if (kind === 'integer' && !Number.isInteger(value)) throw new Error('A whole number is needed.');
    return value;
  }
  return parseJson(field, text);
}

function parseJson({ shape }: ServingSpec, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('This is not valid JSON.');
  }
  if (!shape) return value;
  const given = shapeOf(value);
  const fits = given.length === shape.length && shape.every((size, axis) => size < 0 || size === given[axis]);
  if (!fits)
    throw new Error(
      `The shape is (${given.join(', ')}) and must be (${shape.map((size) => (size < 0 ? 'any' : size)).join(', ')}).`,
    );
  return value;
}

/** By the first member of each list. */
function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

/** The first row of an example, as texts for the fields; undefined where it does not fit them. */
export function valuesOfExample(fields: readonly ServingSpec[], example: unknown): Values | undefined {
  const given = typeof example === 'string' ? parsedOr(example) : example;
  const { dataframe_split, inputs, instances } = (given ?? {}) as Record<string, unknown>;
  if (fields.some(({ shape }) => shape)) return tensorValues(fields, inputs ?? instances ?? given);
  const row = firstRow(dataframe_split ?? inputs ?? given);
  if (!row) return undefined;
  return Object.fromEntries(
    fields.flatMap((field, place): [string, string][] => {
      const value = row[field.name ?? String(place)];
      return value === undefined || value === null ? [] : [[fieldKey(field, place), textOf(value)]];
    }),
  );
}

const innermost = (value: unknown): unknown => (Array.isArray(value) ? innermost(value[0]) : value);

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function firstRow(value: unknown): Record<string, unknown> | undefined {
  if (Array.isArray(value)) return firstRow(value[0]);
  if (typeof value !== 'object' || value === null) return undefined;
  const { columns, data } = value as { columns?: unknown; data?: unknown };
  if (Array.isArray(columns) && Array.isArray(data) && Array.isArray(data[0])) {
    const row = data[0] as unknown[];
    return Object.fromEntries(columns.map((name, place) => [String(name), row[place]]));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, Array.isArray(each) ? (each as unknown[])[0] : each]),
  );
}

function tensorValues(fields: readonly ServingSpec[], given: unknown): Values | undefined {
  const shown = (field: ServingSpec, value: unknown) =>
    kindOf(field) === 'tensor' ? JSON.stringify(value) : textOf(innermost(value));
  if (Array.isArray(given)) {
    const field = fields[0] as ServingSpec;
    return { [fieldKey(field, 0)]: shown(field, given) };
  }
  if (typeof given !== 'object' || given === null) return undefined;
  const named = given as Record<string, unknown>;
  return Object.fromEntries(
    fields.flatMap((field, place): [string, string][] =>
      field.name !== undefined && named[field.name] !== undefined
        ? [[fieldKey(field, place), shown(field, named[field.name])]]
        : [],
    ),
  );
}

/** The protobuf JSON types that only traces have: maps of text, timestamps, durations, and objects that are kept as they come. */
import { invalid } from '../errors.js';
import type { Field, Type } from '../schema.js';

const refuse = (value: unknown, path: string, expected: string) =>
  invalid(
    `Invalid value ${JSON.stringify(value)?.slice(0, 200)} for parameter '${path}' supplied: expected ${expected}.`,
  );

function optional<T>(type: Type<T>, note?: string): Field<T, 'optional'> {
  return { type, presence: 'optional', ...(note !== undefined && { note }) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `map<string, string>`. */
export const textMap = (note?: string) => optional(mapType, note);

const mapType: Type<Record<string, string>> = {
  doc: { type: 'object' },
  parse(value, path) {
    const isMap = isObject(value) && Object.values(value).every((each) => typeof each === 'string');
    if (!isMap) throw refuse(value, path, 'an object whose values are strings');
    return value as Record<string, string>;
  },
};

/** `google.protobuf.Timestamp`: RFC 3339, like 2026-01-02T03:04:05.678Z. */
export const timestamp = (note?: string) => optional(timestampType, note);

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

const timestampType: Type<string> = {
  doc: { type: 'string', format: 'date-time' },
  parse(value, path) {
    if (typeof value !== 'string' || !TIMESTAMP.test(value) || Number.isNaN(Date.parse(value))) {
      throw refuse(value, path, 'a time like 2026-01-02T03:04:05.678Z');
    }
    return value;
  },
};

/** `google.protobuf.Duration`: seconds, like 1.250s. */
export const duration = (note?: string) => optional(durationType, note);

const durationType: Type<string> = {
  doc: { type: 'string', format: 'duration' },
  parse(value, path) {
    if (typeof value !== 'string' || !/^-?\d{1,12}(\.\d{1,9})?s$/.test(value)) {
      throw refuse(value, path, 'seconds like 1.250s');
    }
    return value;
  },
};

/** An object that the server keeps and gives back, without a look into it. */
export const object = (note?: string) => optional(objectType, note);

const objectType: Type<Record<string, unknown>> = {
  doc: { type: 'object' },
  parse(value, path) {
    if (!isObject(value)) throw refuse(value, path, 'an object');
    return value;
  },
};

/** Objects that the server keeps and gives back, without a look into them. */
export const objects = (note?: string) => optional(objectsType, note);

const objectsType: Type<Record<string, unknown>[]> = {
  doc: { type: 'array', items: { type: 'object' } },
  parse(value, path) {
    if (!Array.isArray(value) || !value.every(isObject)) throw refuse(value, path, 'a list of objects');
    return value;
  },
};

/** ms since the epoch, as protobuf rounds: down. */
export const millisecondsOf = (time: string): number => Math.floor(Date.parse(time));

export const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('.000Z', 'Z');

/** ms of a duration, without what is less. */
export const durationMilliseconds = (text: string): number =>
  Math.trunc(Math.round(Number(text.slice(0, -1)) * 1e6) / 1e3);

export function durationOf(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(3)}s`;
}

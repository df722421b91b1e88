/** Tensors and signatures as JSON Schema (draft 2020-12, which OpenAPI 3.1 takes): what requests may hold and replies do. */

import type { ElementType, TensorInfo } from '../../../client/onnx/graph.js';
import type { InputSpec, ModelDescription, ParamSpec } from '../../mlmodel.js';
import type { ServedInterface } from '../engine/engine.js';
import { type OutputTensorInfo, shapeText } from '../tensor.js';

export type Schema = Readonly<Record<string, unknown>>;

/** JSON has no NaN: null stands for it, in both directions. */
const float = (format?: string): Schema => ({ type: ['number', 'null'], ...(format && { format }) });
const whole = (bits: number, signed: boolean): Schema => ({
  type: 'integer',
  minimum: signed ? -(2 ** (bits - 1)) : 0,
  maximum: signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1,
});

const ELEMENTS: Record<ElementType, Schema> = {
  float16: float(),
  float32: float('float'),
  float64: float('double'),
  int8: whole(8, true),
  int16: whole(16, true),
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  uint8: whole(8, false),
  uint16: whole(16, false),
  uint32: whole(32, false),
  uint64: { type: 'integer', minimum: 0 },
  bool: { type: 'boolean' },
  string: { type: 'string' },
};

/** By MLflow's names of column types; whatever else there is may be anything. */
const COLUMNS: Partial<Record<string, Schema>> = {
  boolean: ELEMENTS.bool,
  integer: ELEMENTS.int32,
  long: ELEMENTS.int64,
  float: ELEMENTS.float32,
  double: ELEMENTS.float64,
  string: ELEMENTS.string,
  binary: { type: 'string', contentEncoding: 'base64' },
  datetime: ELEMENTS.string,
};

/** A list, of `length` elements where that is not -1. */
const list = (items: Schema, length = -1): Schema => ({
  type: 'array',
  items,
  ...(length !== -1 && { minItems: length, maxItems: length }),
});

const record = (properties: Readonly<Record<string, Schema>>, required = Object.keys(properties)): Schema => ({
  type: 'object',
  properties,
  required,
});

const nested = (element: Schema, dims: readonly number[]): Schema =>
  dims.reduceRight((inner, length) => list(inner, length), element);

const described = ({ type, shape }: TensorInfo): Schema => ({
  description: shape ? `${type} ${shapeText(shape)}` : `${type} of any shape`,
});

function tensor(info: TensorInfo): Schema {
  return { ...(info.shape && nested(ELEMENTS[info.type], info.shape)), ...described(info) };
}

/** A row of an input: what one of `instances` has of it. */
const row = (info: TensorInfo): Schema => tensor({ ...info, shape: info.shape?.slice(1) });

const named = (infos: readonly TensorInfo[], schema: (info: TensorInfo) => Schema) =>
  record(Object.fromEntries(infos.map((info) => [info.name, schema(info)])));

/** The body of a request in MLflow's JSON: exactly one of its four fields. */
export function invocationSchema(model: ModelDescription, { inputs }: ServedInterface): Schema {
  const [only] = inputs.length === 1 ? inputs : [];
  const columns = namedColumns(model);
  const byColumn = columns.length > 0 ? [columnLists(columns)] : [];
  const fields = {
    inputs: { anyOf: [named(inputs, tensor), ...(only ? [tensor(only)] : []), ...byColumn] },
    instances: list({ anyOf: [named(inputs, row), ...(only ? [row(only)] : [])] }),
    dataframe_split: splitSchema(model),
    dataframe_records: recordsSchema(model),
  };
  return {
    type: 'object',
    oneOf: Object.keys(fields).map((field) => ({ title: field, required: [field] })),
    properties: { ...fields, ...(model.params.length > 0 && { params: params(model.params) }) },
  };
}

type NamedColumn = InputSpec & { readonly name: string };

const namedColumns = ({ inputs }: ModelDescription): NamedColumn[] =>
  (inputs ?? []).filter((spec): spec is NamedColumn => spec.kind === 'column' && spec.name !== undefined);

const requiredOf = (columns: readonly NamedColumn[]) =>
  columns.filter(({ required }) => required).map(({ name }) => name);

const cell = ({ type }: InputSpec): Schema => ({ ...COLUMNS[type], description: type });

function columnLists(columns: readonly NamedColumn[]): Schema {
  const lists = columns.map((column) => [column.name, list(cell(column))] as const);
  return record(Object.fromEntries(lists), requiredOf(columns));
}

export function splitSchema(model: ModelDescription): Schema {
  const columns = namedColumns(model).map(({ name }) => name);
  const properties = {
    columns: { ...list({ type: ['string', 'integer'] }), ...(columns.length > 0 && { examples: [columns] }) },
    index: list({}),
    data: list(list({})),
  };
  return record(properties, ['data']);
}

export function recordsSchema(model: ModelDescription): Schema {
  const columns = namedColumns(model);
  const cells = columns.map((column) => [column.name, cell(column)] as const);
  return list(record(Object.fromEntries(cells), requiredOf(columns)));
}

function params(specs: readonly ParamSpec[]): Schema {
  const properties = specs.map((spec) => {
    const type = COLUMNS[spec.type] ?? {};
    return [spec.name, { ...nested(type, spec.shape ?? []), description: spec.type, default: spec.default }] as const;
  });
  return record(Object.fromEntries(properties), []);
}

/** Maps are objects; everything else is a nested list. */
function output({ name, type, shape, labels }: OutputTensorInfo): Schema {
  // An output without axes may be a scalar, or one of which the graph does not say the shape.
  if (!labels) return tensor({ name, type, shape: shape.length > 0 ? shape : undefined });
  return list(record(Object.fromEntries(labels.map((label) => [label, ELEMENTS[type]]))));
}

/** An element of an output, which is what a record has of it. */
const flat = ({ type, labels, ...rest }: OutputTensorInfo): Schema =>
  labels ? (output({ type, labels, ...rest }).items as Schema) : ELEMENTS[type];

/** The reply's `predictions`: lists by output for `inputs` and `instances`, records for frames. */
export function predictionsSchema({ outputs }: ServedInterface): Schema {
  const lists = outputs.map((info) => [info.name, output(info)] as const);
  const cells = outputs.map((info) => [info.name, flat(info)] as const);
  return {
    anyOf: [
      { title: 'by output', ...record(Object.fromEntries(lists)) },
      { title: 'records', ...list(record(Object.fromEntries(cells))) },
    ],
  };
}

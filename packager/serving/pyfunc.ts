/**
 * What a payload means to a model, as MLflow's ONNX flavour means it: which value feeds which input, and whether the
 * prediction is a dictionary of arrays or a DataFrame. Sources: `_OnnxModelWrapper.predict` in `mlflow/onnx/__init__.py`,
 * `_enforce_schema` in `mlflow/models/utils.py`.
 */
import { invalid } from '../../api/errors.js';
import type { TensorInfo } from '../../client/onnx/graph.js';
import type { InputSpec } from '../mlmodel.js';
import { castArray } from './array-cast.js';
import { columnTensor, type Reading, tensorOf } from './cast.js';
import type { Payload, ReplyForm } from './codecs/codec.js';
import { column, type Frame, frameOfSplit, holdsLists, names, select } from './frame.js';
import { Numbers, unpacked } from './numbers.js';
import { bindInference } from './open-inference/binding.js';
import type { OutputTensorInfo, Tensor } from './tensor.js';

/** The side of a model that requests meet. */
export interface Interface {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly OutputTensorInfo[];
  /** The signature's inputs, when there is one. */
  readonly signature: readonly InputSpec[] | undefined;
}

export interface Call {
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly form: ReplyForm;
  /** Rows of the frame; undefined when the payload was none. */
  readonly rows: number | undefined;
}

/** The graph's inputs with the lengths that a tensor signature fixes and the graph leaves free. */
export function narrowed(inputs: readonly TensorInfo[], signature: Interface['signature']): TensorInfo[] {
  return inputs.map((input) => {
    const spec = signature?.find(({ kind, name }) => kind === 'tensor' && (name === undefined || name === input.name));
    const { shape } = input;
    if (!spec?.shape || !shape || spec.shape.length !== shape.length) return input;
    const lengths = spec.shape;
    return { ...input, shape: shape.map((length, axis) => (length === -1 ? (lengths[axis] as number) : length)) };
  });
}

/** Throws INVALID_PARAMETER_VALUE (or BAD_REQUEST) with the reason when the payload does not fit the model. */
export function bind(payload: Payload, model: Interface): Call {
  const reading: Reading = model.signature ? 'casting' : 'strict';
  if (payload.kind === 'frame') return bindFrame(payload.frame, model, payload.frame.text ? 'text' : reading);
  if (payload.kind === 'tensor') return bindValue(payload.value, model, reading);
  if (payload.kind === 'array') return bindOne('an array', model, (input) => castArray(payload.array, input, reading));
  if (payload.kind === 'inference') return bindInference(payload.request, model);
  const { values } = payload;
  const columns = columnNames(model);
  if (columns && !areInputs(values, columns, model)) {
    return bindFrame(frameOfColumns(values, columns), model, reading);
  }
  requireNames(Object.keys(values), model);
  const feeds = model.inputs.map((input) => [input.name, tensorOf(values[input.name], input, reading)] as const);
  return { feeds: Object.fromEntries(feeds), form: 'object', rows: undefined };
}

/** Whether the values are the graph's own inputs: they have its names, and these are no columns, or hold more than a column does. */
function areInputs(
  values: Readonly<Record<string, unknown>>,
  columns: readonly string[],
  { inputs }: Interface,
): boolean {
  const isNested = (value: unknown) =>
    value instanceof Numbers ? value.dims.length > 1 : Array.isArray(value) && Array.isArray(value[0]);
  return (
    inputs.every(({ name }) => Object.hasOwn(values, name)) &&
    inputs.some(({ name }) => !columns.includes(name) || isNested(values[name]))
  );
}

/** A list is the column, where the signature has a single one, and the rows of columns without names; else it is the only input. */
function bindValue(value: unknown, model: Interface, reading: Reading): Call {
  const names = columnNames(model);
  const isList = Array.isArray(value) || value instanceof Numbers;
  const [name] = names ?? [];
  if (isList && name !== undefined && names?.length === 1) {
    return bindFrame(frameOfColumns({ [name]: value }, [name]), model, reading);
  }
  if (isList && unnamedColumns(model) > 0) return bindFrame(frameOfSplit({ data: rowsOf(value) }), model, reading);
  return bindOne('a list', model, (input) => tensorOf(value, input, reading));
}

/** A list of values is one column of them. */
function rowsOf(value: unknown): unknown {
  if (value instanceof Numbers) return value.dims.length === 1 ? new Numbers([...value.dims, 1], value.values) : value;
  return (value as unknown[]).map((row) => (Array.isArray(row) ? row : [row]));
}

/** Feeds the only input; `what` it is fed is said when there are others. */
function bindOne(what: string, { inputs }: Interface, tensorFor: (input: TensorInfo) => Tensor): Call {
  const [input, ...others] = inputs;
  if (!input || others.length > 0) {
    throw invalid(
      `Unable to map ${what} to the expected model input. This model requires ${inputs.length} inputs. Send a JSON object with the inputs ${names(inputs.map(({ name }) => name))}.`,
    );
  }
  return { feeds: { [input.name]: tensorFor(input) }, form: 'object', rows: undefined };
}

/** Names beyond the inputs' are dropped when there is a signature, and refused when there is none, as onnxruntime does. */
function requireNames(given: readonly string[], { inputs, signature }: Interface): void {
  const expected = inputs.map((input) => input.name);
  const missing = expected.filter((name) => !given.includes(name));
  const extra = given.filter((name) => !expected.includes(name));
  if (missing.length === 0 && (signature || extra.length === 0)) return;
  const lacks = missing.length > 0 ? `Model is missing inputs ${names(missing)}.` : '';
  const more = extra.length > 0 ? `There were extra inputs: ${names(extra)}; the model has ${names(expected)}.` : '';
  throw invalid([lacks, more].filter(Boolean).join(' '));
}

/** The names of a column signature's required inputs; undefined for a tensor signature, or unnamed columns. */
function columnNames({ signature }: Interface): string[] | undefined {
  const specs = signature?.filter((spec) => spec.kind === 'column' && spec.name !== undefined) ?? [];
  return specs.length > 0 ? specs.map((spec) => spec.name as string) : undefined;
}

/** How many columns a signature has that names none of them. */
function unnamedColumns({ signature }: Interface): number {
  return signature?.every(({ kind, name }) => kind === 'column' && name === undefined) ? signature.length : 0;
}

/** Columns by name to a frame of the signature's columns. */
function frameOfColumns(values: Readonly<Record<string, unknown>>, names: readonly string[]): Frame {
  const columns = names.filter((name) => Object.hasOwn(values, name));
  const lists = columns.map((name) => {
    const list = unpacked(values[name]);
    return Array.isArray(list) ? list : [list];
  });
  const rows = lists[0]?.length ?? 0;
  if (lists.some((each) => each.length !== rows)) {
    throw invalid('The length of values for each input/column name are not the same');
  }
  return {
    columns,
    rows,
    cells: Array.from({ length: rows }, (_, row) => lists.map((each) => each[row])),
    text: false,
  };
}

function bindFrame(given: Frame, model: Interface, reading: Reading): Call {
  const { inputs, signature } = model;
  const frame = bySignature(given, model);
  const { rows } = frame;
  if (rows === 0) throw invalid('The data has no rows.');
  const tensorSpecs = signature?.filter((spec) => spec.kind === 'tensor') ?? [];
  const [only] = inputs;
  if (only && inputs.length === 1) {
    const own = frame.columns.indexOf(tensorSpecs[0]?.name ?? '');
    if (tensorSpecs.length > 0 && own !== -1) {
      return { feeds: { [only.name]: columnTensor(column(frame, own), only, reading) }, form: 'object', rows };
    }
    const unnamed = tensorSpecs.length > 0 && tensorSpecs[0]?.name === undefined;
    return { feeds: { [only.name]: matrix(frame, only, reading) }, form: unnamed ? 'object' : 'records', rows };
  }
  const missing = inputs.filter((input) => !frame.columns.includes(input.name));
  if (missing.length > 0) throw invalid(`Model is missing inputs ${names(missing.map(({ name }) => name))}.`);
  const feeds = inputs.map((input) => {
    const cells = column(frame, frame.columns.indexOf(input.name));
    return [input.name, columnTensor(cells, input, reading)] as const;
  });
  return { feeds: Object.fromEntries(feeds), form: tensorSpecs.length > 0 ? 'object' : 'records', rows };
}

/** The frame in the order of a column signature, without the columns that it does not name, or that are more than its. */
function bySignature(frame: Frame, model: Interface): Frame {
  const wanted = columnNames(model);
  if (!wanted) {
    const count = unnamedColumns(model);
    const places = frame.columns.map((_, index) => String(index));
    if (count > 0 && places.length > count) return select({ ...frame, columns: places }, places.slice(0, count));
    if (places.length >= count) return frame;
    throw invalid(`Model inference is missing inputs: it has ${count}, and ${frame.columns.length} were given.`);
  }
  const optional = new Set(model.signature?.filter((spec) => !spec.required).map((spec) => spec.name));
  const missing = wanted.filter((name) => !frame.columns.includes(name) && !optional.has(name));
  if (missing.length > 0) {
    const extra = frame.columns.filter((name) => !wanted.includes(name));
    const more = extra.length > 0 ? ` Note that there were extra inputs: ${names(extra)}.` : '';
    throw invalid(`Model is missing inputs ${names(missing)}.${more}`);
  }
  const selected = select(
    frame,
    wanted.filter((name) => frame.columns.includes(name)),
  );
  requireScalars(selected, model);
  return selected;
}

/** Types of columns whose cells are lists or objects, or may be. */
const NESTED = new Set(['array', 'object', 'map', 'any']);

/** As far as the first row says. */
function requireScalars({ columns, cells }: Frame, { signature }: Interface): void {
  if (cells instanceof Numbers) return;
  for (const [index, cell] of (cells[0] ?? []).entries()) {
    const name = columns[index];
    const type = signature?.find((spec) => spec.name === name)?.type ?? 'any';
    if (Array.isArray(cell) && !NESTED.has(type)) {
      throw invalid(`Incompatible input types for column ${name}. A list is not of type ${type}.`);
    }
  }
}

/** All columns as one matrix. A frame of one column also feeds an input of one axis, or one whose rows its lists are. */
function matrix(frame: Frame, input: TensorInfo, reading: Reading): Tensor {
  const isList = frame.columns.length === 1 && (input.shape?.length === 1 || holdsLists(frame));
  if (isList) return columnTensor(column(frame, 0), input, reading);
  return tensorOf(frame.cells, input, reading);
}

/**
 * Bodies that a served model answers, one for each form of a request: its input example, else zeros of the right shapes.
 * Each has been tried, so that what is shown to a person works.
 */
import { readFile } from 'node:fs/promises';
import type { ElementType, TensorInfo } from '../../../client/onnx/graph.js';
import type { InputSpec } from '../../mlmodel.js';
import { dialectOf } from '../codecs/dialect.js';
import { type Engine, Unavailable } from '../engine/engine.js';
import type { Job } from '../engine/protocol.js';
import { isObject } from '../frame.js';
import { DATATYPES } from '../open-inference/datatype.js';

export interface Example {
  /** `infer`: the Open Inference Protocol's. */
  readonly endpoint: 'invocations' | 'infer';
  /** The form's name: the body's field, or `csv`, or MLflow 1.x's `pandas-split` and `pandas-records`. */
  readonly form: string;
  readonly contentType: string;
  readonly body: string;
}

export interface Examples {
  /** The one to show: JSON, the model's own input example if it is answered. Zeros, if the graph refuses everything. */
  readonly first: Example;
  /** One for each form that was answered; the first among them when it was. */
  readonly answered: readonly Example[];
}

const JSON_TYPE = 'application/json';

/** Of a model with longer bodies one is enough: to try every form would keep it busy, and nobody reads them. */
const LONGEST_OF_SEVERAL = 256 * 2 ** 10;

const INFERENCE = { codec: 'open-inference', headerLength: undefined, model: '' } as const;

/** Lengths for free axes below axis 0: numbers, sequences, images. The first that the graph takes is used. */
const FREE_LENGTHS = [1, 4, 32, 224];

/** The first example that is answered, and those after it, which are only tried when they are asked for. */
interface Search {
  readonly first: Promise<Example | undefined>;
  others(): Promise<Example[]>;
}

const searches = new WeakMap<Engine, Search>();

/** `Examples.first`, at the price of few inferences. Rejects as `examplesOf` does. */
export async function firstExample(engine: Engine, timeout: number): Promise<Example> {
  const { first } = searchOf(engine, timeout);
  return (await first) ?? (zeros(engine, 1)[0] as Example);
}

/** Found once for an engine. Rejects with Unavailable when it does not answer, or not within `timeout` milliseconds. */
export async function examplesOf(engine: Engine, timeout: number): Promise<Examples> {
  const search = searchOf(engine, timeout);
  const first = await search.first;
  const others = await search.others();
  return { first: first ?? (zeros(engine, 1)[0] as Example), answered: first ? [first, ...others] : [] };
}

function searchOf(engine: Engine, timeout: number): Search {
  const known = searches.get(engine);
  if (known) return known;
  const answered = answeredExamples(engine, timeout);
  // One that failed is begun anew by the next who asks.
  const failed = (error: unknown): never => {
    searches.delete(engine);
    throw error;
  };
  const first = answered.next().then(({ value }) => value ?? undefined, failed);
  let others: Promise<Example[]> | undefined;
  const rest = async () => {
    await first;
    const examples: Example[] = [];
    for await (const example of answered) examples.push(example);
    return examples;
  };
  const search: Search = {
    first,
    others() {
      others ??= rest().catch(failed);
      return others;
    },
  };
  searches.set(engine, search);
  return search;
}

async function* answeredExamples(engine: Engine, timeout: number): AsyncGenerator<Example, undefined> {
  const forms = new Set<string>();
  const isAnswered = async ({ endpoint, form, contentType, body }: Example): Promise<boolean> => {
    const dialect = endpoint === 'infer' ? INFERENCE : dialectOf(contentType);
    if (forms.size > 0 && body.length > LONGEST_OF_SEVERAL) return false;
    if (forms.has(form) || 'refusal' in dialect) return false;
    const job = { dialect, accept: JSON_TYPE, body: new TextEncoder().encode(body) } as const;
    if ((await statusOf(engine, job, timeout)) !== 200) return false;
    forms.add(form);
    return true;
  };
  const own = await inputExample(engine.model.example);
  if (own && (await isAnswered(own))) yield own;
  for (const length of freeLengths(engine.interface.inputs)) {
    let some = false;
    for (const example of zeros(engine, length)) {
      if (!(await isAnswered(example))) continue;
      some = true;
      yield example;
    }
    if (some) return;
  }
}

async function statusOf(engine: Engine, job: Job, timeout: number): Promise<number> {
  const { reply, cancel } = engine.submit(job);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unavailable('The model does not answer in time.')), timeout);
  });
  try {
    return (await Promise.race([reply, late])).status;
  } finally {
    cancel();
    clearTimeout(timer);
  }
}

const freeLengths = (inputs: readonly TensorInfo[]) =>
  inputs.some(({ shape }) => shape?.includes(-1, 1)) ? FREE_LENGTHS : FREE_LENGTHS.slice(0, 1);

async function inputExample(file: string | undefined): Promise<Example | undefined> {
  if (file === undefined) return undefined;
  try {
    const body = (await readFile(file, 'utf8')).trim();
    const form = Object.keys(JSON.parse(body)).find((key) => key !== 'params');
    return form === undefined ? undefined : toInvocations(form, JSON_TYPE, body);
  } catch {
    return undefined;
  }
}

const toInvocations = (form: string, contentType: string, body: string): Example => ({
  endpoint: 'invocations',
  form,
  contentType,
  body,
});

/** One row, or as many as the graph fixes, in every form; whether the model takes them is not known. */
function zeros(engine: Engine, freeLength: number): Example[] {
  const { inputs } = engine.interface;
  const tensors = inputs.map(({ name, type, shape = [-1] }) => {
    const dims = shape.map((length, axis) => (length !== -1 ? length : axis === 0 ? 1 : freeLength));
    return { name, type, dims, value: blankValue(type, dims) };
  });
  const values = tensors.map(({ name, value }) => [name, value] as const);
  const named = toInvocations('inputs', JSON_TYPE, jsonText({ inputs: Object.fromEntries(values) }));
  const frame = frameOf(engine, values);
  const framed = frame ? frameExamples(frame) : [];
  const columnar = engine.model.inputs?.some(({ kind }) => kind === 'column');
  return [...(columnar ? [...framed, named] : [named, ...framed]), ...instances(values), inference(tensors)];
}

interface BlankTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly value: unknown;
}

function inference(tensors: readonly BlankTensor[]): Example {
  const inputs = tensors.map(({ name, type, dims, value }) => {
    return { name, shape: dims, datatype: DATATYPES[type], data: [value].flat(Number.POSITIVE_INFINITY) };
  });
  return { endpoint: 'infer', form: 'infer', contentType: JSON_TYPE, body: jsonText({ inputs }) };
}

type NamedValue = readonly [name: string, value: unknown];

function instances(values: readonly NamedValue[]): Example[] {
  const [only] = values;
  const rows = rowsOf(values);
  if (!only || rows === undefined) return [];
  const list = values.length === 1 ? only[1] : rows.map((row) => Object.fromEntries(row));
  return [toInvocations('instances', JSON_TYPE, jsonText({ instances: list }))];
}

/** The named values of each row; undefined where the inputs are no lists of one length. */
function rowsOf(values: readonly NamedValue[]): NamedValue[][] | undefined {
  const lists = values.map(([name, value]) => [name, value] as const);
  const length = Array.isArray(lists[0]?.[1]) ? lists[0][1].length : 0;
  if (length === 0 || lists.some(([, value]) => !Array.isArray(value) || value.length !== length)) return undefined;
  return Array.from({ length }, (_, row) => lists.map(([name, value]) => [name, (value as unknown[])[row]] as const));
}

interface BlankFrame {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** A column for each of a signature's columns, else for each cell of the only input's rows, else for each input. */
function frameOf({ model, interface: { inputs } }: Engine, values: readonly NamedValue[]): BlankFrame | undefined {
  const rows = rowsOf(values);
  if (!rows) return undefined;
  const columns = model.inputs?.filter(isNamedColumn) ?? [];
  if (columns.length > 0) {
    return {
      columns: columns.map(({ name }) => name),
      rows: rows.map(() => columns.map(({ type }) => blankCell(type))),
    };
  }
  if (inputs.length > 1) {
    return { columns: inputs.map(({ name }) => name), rows: rows.map((row) => row.map(([, cell]) => unwrapped(cell))) };
  }
  const cells = rows.map(([cell]) => (inputs[0]?.shape?.length === 2 ? (cell?.[1] as unknown[]) : [cell?.[1]]));
  return { columns: cells[0]?.map((_, index) => String(index)) ?? [], rows: cells };
}

const isNamedColumn = (spec: InputSpec): spec is InputSpec & { name: string } =>
  spec.kind === 'column' && spec.name !== undefined;

/** A cell of [N, 1] is a scalar in a table. */
const unwrapped = (cell: unknown) => (Array.isArray(cell) && cell.length === 1 ? cell[0] : cell);

function frameExamples({ columns, rows }: BlankFrame): Example[] {
  const split = { columns, data: rows };
  const records = rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
  const json = (form: string, value: unknown) => toInvocations(form, JSON_TYPE, jsonText({ [form]: value }));
  const old = (format: string, value: unknown) =>
    toInvocations(format, `${JSON_TYPE}; format=${format}`, jsonText(value));
  const isFlat = rows.every((row) => row.every((cell) => !Array.isArray(cell)));
  const csv = [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\n`).join('');
  return [
    json('dataframe_split', split),
    json('dataframe_records', records),
    ...(isFlat ? [toInvocations('csv', 'text/csv', csv)] : []),
    old('pandas-split', split),
    old('pandas-records', records),
  ];
}

function csvCell(cell: unknown): string {
  const text = String(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function blankValue(type: ElementType, dims: readonly number[]): unknown {
  const [length, ...inner] = dims;
  if (length === undefined) return type === 'string' ? '' : type === 'bool' ? false : 0;
  return Array.from({ length }, () => blankValue(type, inner));
}

/** For one of MLflow's column types. */
function blankCell(type: string): unknown {
  if (type === 'boolean') return false;
  return ['string', 'binary', 'datetime'].includes(type) ? '' : 0;
}

/** JSON on one line with room to read, as Python writes it. */
function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}: ${jsonText(each)}`)
    .join(', ')}}`;
}

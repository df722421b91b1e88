/**
 * MLflow's JSON since 2.0: one of `inputs`, `instances`, `dataframe_split`, `dataframe_records` in, `{"predictions": …}` out.
 * Source: `mlflow/pyfunc/scoring_server/__init__.py` and `mlflow/utils/proto_json_utils.py`.
 */
import { MltrackError } from '../../../api/errors.js';
import { frameOfRecords, frameOfSplit, isObject, kindOf, names } from '../frame.js';
import { Records, unpacked } from '../numbers.js';
import type { Output } from '../tensor.js';
import type { Codec, Payload, Reply } from './codec.js';
import type { Dialect } from './dialect.js';
import { readJson } from './read-json.js';
import { elements, maps, nested, object } from './write-json.js';

const FIELDS = ['inputs', 'instances', 'dataframe_split', 'dataframe_records'];
const REQUIRED = `The input must be a JSON dictionary with exactly one of the input fields ${names(FIELDS)}`;

const bad = (message: string) => new MltrackError('BAD_REQUEST', message);

export const mlflowJson: Codec<Extract<Dialect, { codec: 'mlflow-json' }>> = {
  decode(body) {
    const value = readJson(body);
    if (!isObject(value)) throw bad(`Invalid input. ${REQUIRED}. Received a ${kindOf(value)}.`);
    const given = Object.keys(value).filter((key) => FIELDS.includes(key));
    const [field] = given;
    if (field === undefined || given.length > 1) {
      throw bad(`${REQUIRED}. Received dictionary with input fields: ${names(Object.keys(value).slice(0, 20))}.`);
    }
    return payloadOf(field, value[field]);
  },
  encode(reply) {
    return `{"predictions":${reply.form === 'object' ? objectForm(reply.outputs) : recordsForm(reply)}}`;
  },
};

function payloadOf(field: string, value: unknown): Payload {
  if (field === 'dataframe_split') return { kind: 'frame', frame: frameOfSplit(value) };
  if (field === 'dataframe_records') return { kind: 'frame', frame: frameOfRecords(value) };
  if (isObject(value)) return { kind: 'tensors', values: value };
  if (field === 'instances') {
    const columns = stacked(value);
    if (columns) return { kind: 'tensors', values: columns };
  }
  return { kind: 'tensor', value };
}

/** Rows of named values to one list per name; undefined when they have no names. */
function stacked(value: unknown): Record<string, unknown> | undefined {
  if (value instanceof Records) {
    return Object.fromEntries(value.keys.map((key, index) => [key, value.cells.column(index)]));
  }
  if (!Array.isArray(value) || !isObject(value[0])) return undefined;
  const rows = unpacked(value) as unknown[];
  const columns: Record<string, unknown[]> = Object.create(null);
  const keys = Object.keys(rows[0] as object);
  for (const key of keys) columns[key] = [];
  for (const [index, row] of rows.entries()) {
    if (!isObject(row) || Object.keys(row).length !== keys.length || !keys.every((key) => Object.hasOwn(row, key))) {
      throw bad(
        `Invalid input. The objects of 'instances' must all have the same keys ${names(keys)}: row ${index} differs.`,
      );
    }
    for (const key of keys) (columns[key] as unknown[]).push(row[key]);
  }
  return columns;
}

/** `{output: nested list}`; maps are a list of objects. */
function objectForm(outputs: readonly Output[]): string {
  return object(
    outputs.map((output) => {
      const { name, tensor, labels } = output;
      return [name, labels ? `[${maps(output, labels).join(',')}]` : nested(elements(tensor), tensor.dims)];
    }),
  );
}

/** A list of records, every output flattened into one column (`_OnnxModelWrapper.predict`). */
function recordsForm({ outputs }: Reply): string {
  const columns = outputs.map((output) => ({
    key: JSON.stringify(output.name),
    cells: output.labels ? maps(output, output.labels) : elements(output.tensor),
  }));
  const rows = columns[0]?.cells.length ?? 0;
  if (columns.some((column) => column.cells.length !== rows)) {
    const lengths = columns.map((column) => `${column.key} has ${column.cells.length}`).join(', ');
    throw bad(`The outputs do not make a table: ${lengths} values. Send 'inputs' or 'instances' for their own shapes.`);
  }
  const records = Array.from({ length: rows }, (_, row) => {
    return `{${columns.map((column) => `${column.key}:${column.cells[row]}`).join(',')}}`;
  });
  return `[${records.join(',')}]`;
}

/**
 * MLflow 1.x's JSON: a pandas frame in (`application/json; format=pandas-split` or `pandas-records`), a bare array out,
 * one element a row. Source: `mlflow/pyfunc/scoring_server/__init__.py` of MLflow 1.30.
 */
import { MltrackError } from '../../../api/errors.js';
import { frameOfRecords, frameOfSplit } from '../frame.js';
import { type Output, sizeOf } from '../tensor.js';
import type { Codec } from './codec.js';
import type { Dialect } from './dialect.js';
import { readJson } from './read-json.js';
import { elements, maps, nested, object } from './write-json.js';

export const pandasJson: Codec<Extract<Dialect, { codec: 'pandas-json' }>> = {
  decode(body, { orient }) {
    const value = readJson(body);
    return { kind: 'frame', frame: orient === 'split' ? frameOfSplit(value) : frameOfRecords(value) };
  },
  encode({ outputs, rows = 0 }) {
    const columns = outputs.map((output) => ({ name: output.name, cells: cellsOf(output, rows) }));
    const [only, ...others] = columns;
    if (only && others.length === 0) return `[${only.cells.join(',')}]`;
    const records = Array.from({ length: rows }, (_, row) =>
      object(columns.map((column) => [column.name, column.cells[row] as string])),
    );
    return `[${records.join(',')}]`;
  },
};

/** What each row has of an output: its value, or the list of them when it has several. */
function cellsOf(output: Output, rows: number): string[] {
  const { name, tensor, labels } = output;
  const [first, ...inner] = tensor.dims;
  const cells = labels ? maps(output, labels) : elements(tensor);
  if (labels ? cells.length !== rows : first !== rows) {
    throw new MltrackError(
      'BAD_REQUEST',
      `The output '${name}' does not have one element for each of the ${rows} rows.`,
    );
  }
  const width = sizeOf(inner);
  if (labels || width === 1) return cells;
  return Array.from({ length: rows }, (_, row) => nested(cells.slice(row * width, (row + 1) * width), inner));
}

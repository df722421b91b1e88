/**
 * Outputs as CSV (RFC 4180, lines end in LF), as `pandas.DataFrame.to_csv(index=False)` writes a frame with one line for each
 * element of axis 0, so that lines of a request and of its reply belong together. An output of one value a line is a column
 * of its name; a wider one has columns `name_0`, `name_1`, …; maps have a column for each key, `name_KEY`. A missing
 * number is an empty cell.
 */
import { MltrackError } from '../../../api/errors.js';
import { fromHalf, type Output, sizeOf, type Tensor } from '../tensor.js';
import { elements } from './write-json.js';

interface Column {
  readonly name: string;
  readonly cells: readonly string[];
}

/** Throws BAD_REQUEST when the outputs differ in the length of axis 0. */
export function csvTable(outputs: readonly Output[]): string {
  const tables = outputs.map((output) => ({ name: output.name, columns: columnsOf(output) }));
  const columns = tables.flatMap((table) => table.columns);
  const rows = columns[0]?.cells.length ?? 0;
  if (columns.some(({ cells }) => cells.length !== rows)) {
    const lengths = tables.map((table) => `'${table.name}' has ${table.columns[0]?.cells.length ?? 0}`).join(', ');
    throw new MltrackError('BAD_REQUEST', `The outputs do not make a table: ${lengths} rows. Accept application/json.`);
  }
  const lines = Array.from({ length: rows }, (_, row) => columns.map(({ cells }) => cells[row] as string));
  return [columns.map(({ name }) => quoted(name)), ...lines].map(line).join('');
}

function columnsOf({ name, tensor, labels }: Output): Column[] {
  // Maps of one row may lie in a tensor without an axis for rows.
  const [rows = 1, ...inner] = labels && tensor.dims.length === 1 ? [1, ...tensor.dims] : tensor.dims;
  const width = sizeOf(inner);
  if (labels && width !== labels.length) {
    throw new Error(`Output '${name}' has ${width} columns for ${labels.length} labels`);
  }
  const cells = cellsOf(tensor);
  return Array.from({ length: width }, (_, column) => ({
    name: labels || width > 1 ? `${name}_${labels?.[column] ?? column}` : name,
    cells: Array.from({ length: rows }, (_, row) => cells[row * width + column] as string),
  }));
}

function cellsOf(tensor: Tensor): string[] {
  if (tensor.type === 'string') return (tensor.data as string[]).map(quoted);
  if (tensor.type === 'bool') return Array.from(tensor.data as Uint8Array, (value) => (value ? 'True' : 'False'));
  const texts = elements(tensor);
  if (!tensor.type.startsWith('float')) return texts;
  return texts.map((text, at) => (text === 'null' ? notFinite(tensor, at) : text));
}

function notFinite({ type, data }: Tensor, at: number): string {
  const value = type === 'float16' ? fromHalf(data[at] as number) : (data[at] as number);
  if (Number.isNaN(value)) return '';
  return value > 0 ? 'inf' : '-inf';
}

const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A line that were empty would be read as none. */
const line = (cells: readonly string[]) => (cells.length === 1 && cells[0] === '' ? '""\n' : `${cells.join(',')}\n`);

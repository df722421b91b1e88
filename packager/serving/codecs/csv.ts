/** `text/csv` (RFC 4180) in, MLflow's JSON records out. Lines end in LF or CRLF; a byte order mark is tolerated. */
import { MltrackError } from '../../../api/errors.js';
import { numberOf } from '../cast.js';
import type { Codec } from './codec.js';
import type { Dialect } from './dialect.js';
import { mlflowJson } from './mlflow-json.js';
import { readText } from './read-json.js';

const bad = (reason: string) =>
  new MltrackError(
    'BAD_REQUEST',
    `Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid CSV: ${reason}.`,
  );

export const csv: Codec<Extract<Dialect, { codec: 'csv' }>> = {
  decode(body, { header }) {
    const lines = parseCsv(readText(body));
    const [first] = lines;
    if (!first) throw bad('no columns to parse');
    const named = header ?? isHeader(first);
    const cells = named ? lines.slice(1) : lines;
    const wrong = cells.findIndex((row) => row.length !== first.length);
    if (wrong !== -1) {
      throw bad(`expected ${first.length} fields in record ${wrong + (named ? 2 : 1)}, saw ${cells[wrong]?.length}`);
    }
    const columns = named ? first : first.map((_, index) => String(index));
    return { kind: 'frame', frame: { columns, rows: cells.length, cells, text: true } };
  },
  encode: mlflowJson.encode,
};

/** A line of numbers is data, unless it is pandas' own names of columns that have none: 0, 1, …, n-1. */
function isHeader(cells: readonly string[]): boolean {
  if (cells.every((cell, index) => cell === String(index))) return true;
  return cells.some((cell) => numberOf(cell) === undefined);
}

/** The records of a text; blank lines are skipped, as pandas does. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const cell = text[at] === '"' ? quoted(text, at) : plain(text, at);
    record.push(cell.value);
    at = cell.end;
    if (text[at] === ',') {
      at++;
      if (at < text.length) continue;
      record.push('');
    } else if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    if (record.length > 1 || record[0] !== '' || cell.quoted) records.push(record);
    record = [];
  }
  return records;
}

interface CsvCell {
  readonly value: string;
  /** Where the comma, the line end or the text's end is. */
  readonly end: number;
  readonly quoted: boolean;
}

function plain(text: string, start: number): CsvCell {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
  return { value: text.slice(start, end), end, quoted: false };
}

function quoted(text: string, start: number): CsvCell {
  let value = '';
  for (let from = start + 1; ; ) {
    const end = text.indexOf('"', from);
    if (end === -1) throw bad('a quoted field has no end');
    value += text.slice(from, end);
    const next = text[end + 1];
    if (next === undefined || next === ',' || next === '\n' || next === '\r') {
      return { value, end: end + 1, quoted: true };
    }
    if (next !== '"') throw bad('text follows a quoted field');
    value += '"';
    from = end + 2;
  }
}

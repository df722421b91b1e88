/** Points as the JSON of MLflow's metrics, written without an object for each: histories have tens of thousands. */
import type { Int64 } from '../../api/index.js';
import type { Points } from './points.js';
import { finite } from './summary.js';

/** Points of a piece: enough that a piece is a large text, too few for it to be a costly one. */
const AT_ONCE = 2000;

/** What `metrics: […]` holds of the first `n` points: pieces with commas between the points, none before the first. */
export function pointsJson(key: string, points: Points, n: number, runId?: string): Uint8Array[] {
  const head = `{"key":${JSON.stringify(key)},"value":`;
  const tail = runId === undefined ? '}' : `,"run_id":${JSON.stringify(runId)}}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII
  const encoding = /^[\x00-\x7f]*$/.test(head) ? 'latin1' : 'utf8';
  const { values, timestamps, steps } = points;
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < n; from += AT_ONCE) {
    let text = '';
    for (let i = from; i < Math.min(n, from + AT_ONCE); i++) {
      if (i > 0) text += ',';
      text += `${head}${valueText(values[i] as number)},"timestamp":${timeText(timestamps[i] as Int64)},"step":${steps[i]}${tail}`;
    }
    pieces.push(Buffer.from(text, encoding));
  }
  return pieces;
}

const valueText = (value: number) => (Number.isNaN(value) ? '"NaN"' : finite(value));

const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
const MILLION = 1_000_000;

let millions = -1;
let millionsText = '';

/** Times of a history share their first digits, and writing a number of thirteen is what a point costs most for. */
function timeText(time: Int64): string | Int64 {
  if (typeof time === 'bigint' || time < MILLION) return time;
  const high = Math.floor(time / MILLION);
  if (high !== millions) {
    millions = high;
    millionsText = String(high);
  }
  const low = time - high * MILLION;
  const thousands = (low / 1000) | 0;
  return `${millionsText}${THREE_DIGITS[thousands]}${THREE_DIGITS[low - thousands * 1000]}`;
}

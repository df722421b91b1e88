/** The lines of a chart as comma-separated values, one row an entry. */
import type { Line } from './lines.js';

const field = (value: string) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const number = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? '' : String(value));

export function csvOf(metric: string, lines: readonly Line[]): string {
  const rows = ['run_id,name,metric,step,timestamp,value,smoothed,min,max,n,nan,pos_inf,neg_inf'];
  for (const { id, name, steps, times, y, smooth, low = y, high = y, n, nan, posInf, negInf } of lines) {
    const start = [id, name, metric].map(field).join();
    steps.forEach((step, at) => {
      const values = [y[at], smooth?.[at], low[at], high[at], n[at], nan[at], posInf[at], negInf[at]];
      rows.push(`${start},${step},${times[at]},${values.map(number).join()}`);
    });
  }
  return `${rows.join('\n')}\n`;
}

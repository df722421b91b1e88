/** A comparison as CSV and as a Markdown table. */
import { csvOf } from '../display/csv.js';
import type { CompareSection } from './rows.js';

/** One column per run; one row per key, with the part it is from. */
export function comparisonCsv(names: readonly string[], sections: readonly CompareSection[]): string {
  const rows = sections.flatMap(({ title, rows }) =>
    rows.map(({ key, cells }) => [title, key, ...cells.map((cell) => cell?.text ?? '')]),
  );
  return csvOf([['', '', ...names], ...rows]);
}

/** The best value of a row in bold. */
export function comparisonMarkdown(names: readonly string[], sections: readonly CompareSection[]): string {
  const lines = [line(['', ...names.map(escaped)]), line(['---', ...names.map(() => '---')])];
  for (const { title, rows } of sections) {
    if (rows.length > 0) lines.push(line([`**${title}**`, ...names.map(() => '')]));
    for (const { key, cells, best } of rows) {
      const texts = cells.map((cell, place) => {
        const text = escaped(cell?.text ?? '');
        return best.has(place) ? `**${text}**` : text;
      });
      lines.push(line([escaped(key), ...texts]));
    }
  }
  return `${lines.join('\n')}\n`;
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

const escaped = (text: string) => text.replace(/[\\|*_`<[\]]/g, '\\$&').replace(/\s*\n\s*/g, ' ');

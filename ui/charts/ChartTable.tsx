/** A chart as a table: the values of one line, or a row for each of several. */

import { UserText } from '../components/UserText.js';
import { fullNumber } from '../display/numbers.js';
import { exactTime } from '../display/times.js';
import type { Line } from './model/lines.js';
import { exactNumber, type LineSummary, odditiesAt } from './model/reading.js';
import { Swatch } from './Tooltip.js';

interface ChartTableProps {
  title: string;
  lines: readonly Line[];
  summaries: readonly LineSummary[];
  height: number;
}

export function ChartTable({ title, lines, summaries, height }: ChartTableProps) {
  const [only] = lines;
  const label = `Values of ${title}`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="chart-table" aria-label={label} tabIndex={0} style={{ height }}>
      <table className="key-table" aria-label={label}>
        {only && lines.length === 1 ? <Values line={only} /> : <Lines lines={lines} summaries={summaries} />}
      </table>
    </section>
  );
}

function Values({ line }: { line: Line }) {
  const { steps, times, y, low, high, n } = line;
  const isBucketed = n.some((each) => each > 1);
  return (
    <>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col" className="align-end">
            {isBucketed ? 'Mean' : 'Value'}
          </th>
          {isBucketed && (
            <th scope="col" className="align-end">
              Min – max
            </th>
          )}
          <th scope="col" className="align-end">
            Logged
          </th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one step may hold the same value twice
          <tr key={at}>
            <td>{step}</td>
            <td className="align-end">{valueText(line, at, y[at] as number)}</td>
            {isBucketed && (
              <td className="align-end">
                {low &&
                  high &&
                  !Number.isNaN(low[at]) &&
                  `${exactNumber(low[at] as number)} – ${exactNumber(high[at] as number)}`}
              </td>
            )}
            <td className="align-end">{exactTime(times[at] as number)}</td>
          </tr>
        ))}
      </tbody>
    </>
  );
}

/** The number, and what of it is none: "NaN" alone, "0.5, 3 NaN" for a bucket. */
function valueText(line: Line, at: number, value: number): string {
  const odd = odditiesAt(line, at).replace(/^1 (\S+)$/, '$1');
  return Number.isNaN(value) ? odd : [fullNumber(value), odd].filter(Boolean).join(', ');
}

function Lines({ lines, summaries }: { lines: readonly Line[]; summaries: readonly LineSummary[] }) {
  const number = (point: LineSummary['last']) =>
    point && (
      <>
        {exactNumber(point.value)} <span className="muted">@{point.step.toLocaleString('en')}</span>
      </>
    );
  return (
    <>
      <thead>
        <tr>
          <th scope="col">Run</th>
          {['Last', 'Min', 'Max', 'Not finite'].map((each) => (
            <th key={each} scope="col" className="align-end">
              {each}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {summaries.map((summary, at) => (
          <tr key={summary.id}>
            <th scope="row">
              <Swatch look={(lines[at] as Line).look} /> <UserText text={summary.name} cut="middle" />
            </th>
            <td className="align-end">{number(summary.last)}</td>
            <td className="align-end">{number(summary.min)}</td>
            <td className="align-end">{number(summary.max)}</td>
            <td className="align-end">{summary.odd || '–'}</td>
          </tr>
        ))}
      </tbody>
    </>
  );
}

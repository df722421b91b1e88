/** What a model answered: as a table, as JSON, and how long it took. */
import { CopyButton } from '../../../components/CopyButton.js';
import { Panel } from '../../../components/Panel.js';
import { UserText } from '../../../components/UserText.js';
import { duration } from '../../../display/times.js';
import type { Prediction } from '../../../queries/registry/serving.js';

const SHOWN = 100;
const COLUMNS = 50;

export function Output({ prediction: { value, text, took } }: { prediction: Prediction }) {
  const table = tableOf(value);
  return (
    <Panel
      title="Prediction"
      aside={
        <span className="panel-aside">
          <span className="muted" role="status">
            answered in {duration(took)}
          </span>
          <CopyButton text={text} label="Copy JSON" />
        </span>
      }
    >
      {table && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <section className="scroll-sideways" aria-label="Predicted values" tabIndex={0}>
          <table className="key-table prediction" aria-label="Prediction">
            <thead>
              <tr>
                {table.heads.map((head) => (
                  <th key={head} scope="col">
                    <bdi>{head}</bdi>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: predictions have nothing but their place
                <tr key={place}>
                  {row.map((cell, column) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: as do their parts
                    <td key={column}>
                      <UserText text={cell} cut="middle" />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <details className="try-json" open={!table}>
        <summary>JSON</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
        <pre className="file-text" tabIndex={0}>
          {value === undefined ? text : JSON.stringify(value, null, 2).slice(0, 100_000)}
        </pre>
      </details>
    </Panel>
  );
}

interface Table {
  heads: string[];
  rows: string[][];
}

/** Of a list of one value, that value. */
const cellText = (value: unknown): string => {
  if (Array.isArray(value) && value.length === 1) return cellText(value[0]);
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
};

/** Rows of `{"predictions": …}`; undefined for what is no rows. */
function tableOf(answer: unknown): Table | undefined {
  const { predictions = answer } = (answer ?? {}) as { predictions?: unknown };
  if (Array.isArray(predictions)) return rowsTable(predictions.slice(0, SHOWN));
  if (typeof predictions !== 'object' || predictions === null) return undefined;
  // Columns, one output each.
  const columns = Object.entries(predictions).slice(0, COLUMNS);
  if (columns.length === 0 || !columns.every(([, each]) => Array.isArray(each))) return undefined;
  const length = Math.min(SHOWN, Math.max(...columns.map(([, each]) => (each as unknown[]).length)));
  const rows = Array.from({ length }, (_, row) => columns.map(([, each]) => cellText((each as unknown[])[row])));
  return { heads: columns.map(([name]) => name), rows };
}

function rowsTable(rows: readonly unknown[]): Table | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  if (Array.isArray(first)) {
    const heads = first.slice(0, COLUMNS).map((_, column) => String(column));
    return { heads, rows: rows.map((row) => heads.map((_, column) => cellText((row as unknown[])[column]))) };
  }
  if (typeof first === 'object' && first !== null) {
    const heads = Object.keys(first).slice(0, COLUMNS);
    return { heads, rows: rows.map((row) => heads.map((head) => cellText((row as Record<string, unknown>)[head]))) };
  }
  return { heads: ['prediction'], rows: rows.map((row) => [cellText(row)]) };
}

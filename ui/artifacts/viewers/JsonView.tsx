/** JSON as a tree that opens, as the text it is, and as a table where MLflow's log_table wrote it. */
import { type ReactNode, useMemo, useState } from 'react';
import type { ViewerProps } from '../Viewer.js';
import { DataTable } from './DataTable.js';
import { JsonTree } from './JsonTree.js';
import { TextStart } from './TextStart.js';

const LIMIT = 5_000_000;

type Look = 'table' | 'tree' | 'raw';
const LABEL: Record<Look, string> = { table: 'Table', tree: 'Tree', raw: 'Raw' };

export default function JsonView(props: ViewerProps) {
  return (
    <TextStart {...props} limit={LIMIT}>
      {(text, isCut) => <Json text={text} isCut={isCut} path={props.file.path} />}
    </TextStart>
  );
}

function Json({ text, isCut, path }: { text: string; isCut: boolean; path: string }) {
  const value = useMemo(() => (isCut ? undefined : parsed(text)), [text, isCut]);
  const table = value && tableOf(value.json);
  const looks: Look[] = [...(table ? (['table'] as const) : []), ...(value ? (['tree'] as const) : []), 'raw'];
  const [chosen, setChosen] = useState<Look>();
  const look = chosen && looks.includes(chosen) ? chosen : (looks[0] ?? 'raw');
  const body: Record<Look, () => ReactNode> = {
    table: () => table && <DataTable label={path} heads={table.heads} rows={table.rows} />,
    tree: () => value && <JsonTree value={value.json} label={path} />,
    raw: () => (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      <pre className="file-text" tabIndex={0} dir="auto">
        {text}
      </pre>
    ),
  };
  return (
    <>
      {!value && !isCut && <p className="muted">This is no valid JSON, so it is shown as it is.</p>}
      {looks.length > 1 && (
        <fieldset className="segments segments-start">
          <legend className="visually-hidden">Look of the file</legend>
          {looks.map((each) => (
            <label key={each}>
              <input type="radio" name="json-look" checked={look === each} onChange={() => setChosen(each)} />
              {LABEL[each]}
            </label>
          ))}
        </fieldset>
      )}
      {body[look]()}
    </>
  );
}

/** With numbers of more digits than a double holds as the text they are written as. */
function parsed(text: string): { json: unknown } | undefined {
  try {
    const safe = /\d{16}/.test(text)
      ? text.replace(/("(?:\\.|[^"\\])*")|(?<![\w.])-?\d{16,}(?![\w.])/g, quotedNumber)
      : text;
    return { json: JSON.parse(safe) as unknown };
  } catch {
    return undefined;
  }
}

const quotedNumber = (whole: string, text: string | undefined) => text ?? `"${whole}"`;

interface Table {
  heads: string[];
  rows: string[][];
}

const cellText = (value: unknown) =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** `{"columns": [...], "data": [[...], ...]}`: what log_table and pandas' orient="split" write. */
function tableOf(json: unknown): Table | undefined {
  const { columns, data } = (json ?? {}) as { columns?: unknown; data?: unknown };
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) return undefined;
  return { heads: columns.map(cellText), rows: data.map((row: unknown[]) => row.map(cellText)) };
}

/** Comma- or tab-separated values as a table. */
import Papa from 'papaparse';
import { useMemo } from 'react';
import { Empty } from '../../components/Empty.js';
import type { ViewerProps } from '../Viewer.js';
import { extensionOf } from '../viewer-kinds.js';
import { DataTable } from './DataTable.js';
import { TextStart } from './TextStart.js';

const LIMIT = 5_000_000;

export default function TableView(props: ViewerProps) {
  return (
    <TextStart {...props} limit={LIMIT}>
      {(text, isCut) => <Separated text={text} isCut={isCut} path={props.file.path} />}
    </TextStart>
  );
}

function Separated({ text, isCut, path }: { text: string; isCut: boolean; path: string }) {
  const { heads, rows } = useMemo(() => {
    const delimiter = extensionOf(path) === 'tsv' ? '\t' : undefined;
    const { data } = Papa.parse<string[]>(text.replace(/^\ufeff/, ''), {
      skipEmptyLines: true,
      ...(delimiter && { delimiter }),
    });
    // Where the text ends within a row, that row is not whole.
    const [first = [], ...rest] = isCut ? data.slice(0, -1) : data;
    return { heads: first, rows: rest };
  }, [text, isCut, path]);
  if (heads.length === 0) return <Empty title="No rows" />;
  return <DataTable label={path} heads={heads} rows={rows} />;
}

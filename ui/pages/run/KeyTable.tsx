/** A table of things with a key: narrowed by a search field when there are many, and cut until all are asked for. */
import { type ReactNode, useState } from 'react';
import { Panel } from '../../components/Panel.js';
import { SearchField } from '../../components/SearchField.js';
import { UserText } from '../../components/UserText.js';

interface KeyTableProps<Item> {
  title: string;
  items: readonly Item[];
  /** Headings after that of the key. */
  columns: { label: string; align?: 'end'; cell: (item: Item) => ReactNode }[];
  keyOf: (item: Item) => string;
  /** What to search in beside the key. */
  textOf?: (item: Item) => string;
  empty: ReactNode;
}

const SEARCH_FROM = 11;
const SHOWN = 100;

export function KeyTable<Item>({ title, items, columns, keyOf, textOf, empty }: KeyTableProps<Item>) {
  const [sought, setSought] = useState('');
  const [showsAll, setShowsAll] = useState(false);
  const wanted = sought.toLowerCase();
  const found = items.filter((item) => `${keyOf(item)}\n${textOf?.(item) ?? ''}`.toLowerCase().includes(wanted));
  const shown = showsAll ? found : found.slice(0, SHOWN);
  const search = items.length >= SEARCH_FROM && (
    <SearchField label={`Search ${title.toLowerCase()}`} value={sought} onChange={setSought} />
  );
  return (
    <Panel title={items.length > 0 ? `${title} (${items.length.toLocaleString('en')})` : title} aside={search}>
      {items.length === 0 && <p className="panel-empty muted">{empty}</p>}
      {items.length > 0 && found.length === 0 && <p className="panel-empty muted">None matches the search.</p>}
      {shown.length > 0 && (
        <table className="key-table" aria-label={title}>
          <thead>
            <tr>
              <th scope="col">Key</th>
              {columns.map(({ label, align }) => (
                <th key={label} scope="col" className={align && 'align-end'}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((item, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a metric may be there once for each data set
              <tr key={`${index} ${keyOf(item)}`}>
                <th scope="row">
                  <UserText text={keyOf(item)} cut="middle" />
                </th>
                {columns.map(({ label, align, cell }) => (
                  <td key={label} className={align && 'align-end'}>
                    {cell(item)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown.length < found.length && (
        <button type="button" className="button panel-more" onClick={() => setShowsAll(true)}>
          Show all {found.length.toLocaleString('en')}
        </button>
      )}
    </Panel>
  );
}

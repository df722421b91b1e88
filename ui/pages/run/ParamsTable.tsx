/** The params of a run: keys with dots as a tree that folds, long values and JSON opened on demand, each with a way to copy it. */
import { useMemo, useState } from 'react';
import type { KeyValue } from '../../../api/index.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Panel } from '../../components/Panel.js';
import { SearchField } from '../../components/SearchField.js';
import { UserText } from '../../components/UserText.js';
import { copyText } from '../../state/clipboard.js';
import { LongText } from '../../tags/LongText.js';

const SEARCH_FROM = 11;
const SHOWN = 200;

interface Row {
  /** The part of the key below the group. */
  name: string;
  key: string;
  level: number;
  /** Undefined for a group. */
  value: string | undefined;
  members: number;
}

export function ParamsTable({ params }: { params: readonly KeyValue[] }) {
  const [sought, setSought] = useState('');
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [showsAll, setShowsAll] = useState(false);
  const sorted = useMemo(() => [...params].sort((a, b) => collator.compare(a.key, b.key)), [params]);
  const wanted = sought.trim().toLowerCase();
  const rows = useMemo(() => {
    const found = sorted.filter(({ key, value }) => `${key}\n${value}`.toLowerCase().includes(wanted));
    return wanted ? found.map(flatRow) : treeRows(found, closed);
  }, [sorted, wanted, closed]);
  const shown = showsAll ? rows : rows.slice(0, SHOWN);
  const toggle = (key: string) => {
    const after = new Set(closed);
    if (!after.delete(key)) after.add(key);
    setClosed(after);
  };
  const aside = params.length > 0 && (
    <span className="panel-aside">
      {params.length >= SEARCH_FROM && <SearchField label="Search params" value={sought} onChange={setSought} />}
      <CopyButton text={asJson(sorted)} label="Copy as JSON" />
    </span>
  );
  return (
    <Panel title={params.length > 0 ? `Params (${params.length.toLocaleString('en')})` : 'Params'} aside={aside}>
      {params.length === 0 && <p className="panel-empty muted">This run has logged no params.</p>}
      {params.length > 0 && rows.length === 0 && <p className="panel-empty muted">None matches the search.</p>}
      {shown.length > 0 && (
        <table className="key-table" aria-label="Params">
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <ParamRow key={`${row.value === undefined} ${row.key}`} row={row} closed={closed} onToggle={toggle} />
            ))}
          </tbody>
        </table>
      )}
      {shown.length < rows.length && (
        <button type="button" className="button panel-more" onClick={() => setShowsAll(true)}>
          Show all {rows.length.toLocaleString('en')}
        </button>
      )}
    </Panel>
  );
}

interface ParamRowProps {
  row: Row;
  closed: ReadonlySet<string>;
  onToggle: (key: string) => void;
}

function ParamRow({ row, closed, onToggle }: ParamRowProps) {
  const { key, name, level, value, members } = row;
  const style = { paddingInlineStart: 12 + level * 16 };
  if (value === undefined) {
    const isOpen = !closed.has(key);
    return (
      <tr className="param-group">
        <th scope="rowgroup" colSpan={2} style={style}>
          <button type="button" className="fold" aria-expanded={isOpen} onClick={() => onToggle(key)}>
            <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
              <path d={isOpen ? 'M4 6l4 4 4-4' : 'M6 4l4 4-4 4'} />
            </svg>
            <bdi>{name}</bdi> <span className="muted">{members}</span>
          </button>
        </th>
      </tr>
    );
  }
  return (
    <tr className="acting-row">
      <th scope="row" style={style}>
        <UserText text={name} cut="middle" />
      </th>
      <td>
        <span className="copied-value">
          <LongText text={value} />
          <button
            type="button"
            className="button quiet row-act"
            aria-label={`Copy the value of ${key}`}
            onClick={() => copyText(value, 'Value copied')}
          >
            Copy
          </button>
        </span>
      </td>
    </tr>
  );
}

const collator = new Intl.Collator('en', { numeric: true });

const flatRow = ({ key, value }: KeyValue): Row => ({ name: key, key, level: 0, value, members: 0 });

/** Params that share what stands before a dot are a group, when there are two of them at least. */
function treeRows(params: readonly KeyValue[], closed: ReadonlySet<string>, prefix = '', level = 0): Row[] {
  const groups = new Map<string, KeyValue[]>();
  for (const param of params) {
    const rest = param.key.slice(prefix.length);
    const dot = rest.indexOf('.');
    const head = dot > 0 ? rest.slice(0, dot + 1) : rest;
    groups.set(head, [...(groups.get(head) ?? []), param]);
  }
  return [...groups].flatMap(([head, members]): Row[] => {
    if (members.length < 2) {
      return members.map(({ key, value }) => ({
        name: key.slice(prefix.length) || key,
        key,
        level,
        value,
        members: 0,
      }));
    }
    const key = prefix + head;
    const group: Row = { name: head.slice(0, -1), key, level, value: undefined, members: members.length };
    return closed.has(key) ? [group] : [group, ...treeRows(members, closed, key, level + 1)];
  });
}

const asJson = (params: readonly KeyValue[]) =>
  JSON.stringify(Object.fromEntries(params.map(({ key, value }) => [key, value])), null, 2);

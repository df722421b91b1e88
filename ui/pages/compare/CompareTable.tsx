/** What differs between runs, a column for each: parts that fold, a run as the base of differences, and the best of each metric. */
import { type ReactNode, useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { Run } from '../../../api/index.js';
import { saveFile } from '../../charts/save.js';
import { comparisonCsv, comparisonMarkdown } from '../../compare/as-text.js';
import { type CompareRow, type CompareSection, compareRuns, type SectionName } from '../../compare/rows.js';
import { Menu } from '../../components/Menu.js';
import { SearchField } from '../../components/SearchField.js';
import { Status } from '../../components/Status.js';
import { UserText } from '../../components/UserText.js';
import { count } from '../../display/numbers.js';
import { runColour } from '../../display/run-colours.js';
import { runLink } from '../../links.js';
import { copyText } from '../../state/clipboard.js';
import type { PageQuery } from '../../state/page-query.js';
import { CompareCells } from './CompareCells.js';

interface CompareTableProps {
  runs: readonly Run[];
  names: (experimentId: string) => string;
  query: PageQuery;
}

/** Cells that are drawn before more are asked for. */
const MOST_CELLS = 6_000;

export function CompareTable({ runs, names, query }: CompareTableProps) {
  const { get, set } = query;
  const sections = useMemo(() => compareRuns(runs, names), [runs, names]);
  const isDiff = get('diff') !== '0' && runs.length > 1;
  const sought = get('q').toLowerCase();
  const folded = new Set(get('fold').split(','));
  const basePlace = runs.findIndex(({ info }) => info.run_id === get('base'));
  const base = basePlace < 0 ? undefined : basePlace;
  const shown = useMemo(
    () =>
      sections.map((section) => ({
        ...section,
        rows: section.rows.filter(
          (row) => !(isDiff && row.isEqual) && (sought === '' || row.key.toLowerCase().includes(sought)),
        ),
      })),
    [sections, isDiff, sought],
  );
  const fold = (name: SectionName) => {
    const next = folded.has(name) ? [...folded].filter((each) => each !== name) : [...folded, name];
    set({ fold: next.filter(Boolean).join() });
  };
  const columns = 1 + runs.length + (base === undefined ? 0 : 2 * (runs.length - 1));
  return (
    <section className="compare" aria-label="Differences">
      <Toolbar {...{ runs, query, isDiff, base, shown, folded }} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="compare-box" aria-label="Compared runs" tabIndex={0}>
        <table className="compare-table" aria-label="Compared runs">
          <Head {...{ runs, base, query }} />
          {shown.map((section, place) => (
            <Section
              key={section.name}
              section={section}
              equal={(sections[place] as CompareSection).rows.length - section.rows.length}
              isDiff={isDiff && sought === ''}
              isFolded={folded.has(section.name)}
              onFold={() => fold(section.name)}
              onShowEqual={() => set({ diff: '0' })}
              columns={columns}
              runs={runs}
              base={base}
            />
          ))}
        </table>
      </section>
    </section>
  );
}

interface ToolbarProps {
  runs: readonly Run[];
  query: PageQuery;
  isDiff: boolean;
  base: number | undefined;
  shown: readonly CompareSection[];
  folded: ReadonlySet<string>;
}

function Toolbar({ runs, query: { get, set }, isDiff, base, shown, folded }: ToolbarProps) {
  const open = shown.filter(({ name }) => !folded.has(name));
  const names = runs.map(({ info }) => info.run_name || info.run_id);
  return (
    <div className="toolbar">
      <label className="check">
        <input
          type="checkbox"
          checked={isDiff}
          disabled={runs.length < 2}
          onChange={({ target }) => set({ diff: target.checked ? undefined : '0' })}
        />
        Differences only
      </label>
      <label className="compare-base">
        Base
        <select
          className="field analysis-select"
          value={base === undefined ? '' : runs[base]?.info.run_id}
          onChange={({ target }) => set({ base: target.value })}
        >
          <option value="">None</option>
          {runs.map(({ info }, place) => (
            <option key={info.run_id} value={info.run_id}>
              {names[place]}
            </option>
          ))}
        </select>
      </label>
      <SearchField label="Find a row" value={get('q')} onChange={(q) => set({ q })} />
      <span className="toolbar-end">
        <Menu
          label="Copy"
          items={[
            { label: 'Copy as Markdown', run: () => copyText(comparisonMarkdown(names, open), 'Copied as Markdown.') },
            { label: 'Copy as CSV', run: () => copyText(comparisonCsv(names, open), 'Copied as CSV.') },
            {
              label: 'Download CSV',
              run: () => saveFile('comparison.csv', new Blob([comparisonCsv(names, open)], { type: 'text/csv' })),
            },
          ]}
        />
      </span>
    </div>
  );
}

function Head({ runs, base, query }: { runs: readonly Run[]; base: number | undefined; query: PageQuery }) {
  const remove = (id: string) =>
    query.set({
      runs: query
        .get('runs')
        .split(',')
        .filter((each) => each.trim() !== id)
        .join(),
    });
  return (
    <thead>
      <tr>
        <td className="compare-corner" />
        {runs.map(({ info }, place) => {
          const isBase = place === base;
          const isSplit = base !== undefined && !isBase;
          const { variable, dash } = runColour(place);
          return (
            <th key={info.run_id} scope="colgroup" colSpan={isSplit ? 3 : 1} className="compare-run">
              <span className="compare-name">
                <svg className="compare-line" viewBox="0 0 20 8" aria-hidden="true">
                  <path d="M0 4H20" stroke={`var(${variable})`} strokeWidth="3" strokeDasharray={dash.join(' ')} />
                </svg>
                <Link href={runLink(info.experiment_id, info.run_id)}>
                  <UserText text={info.run_name || info.run_id} cut="middle" />
                </Link>
                <button
                  type="button"
                  className="chip-close"
                  aria-label={`Take ${info.run_name || info.run_id} out`}
                  onClick={() => remove(info.run_id)}
                >
                  ×
                </button>
              </span>
              <span className="compare-state">
                <Status status={info.status} />
                {info.lifecycle_stage === 'deleted' && <span className="muted">· deleted</span>}
                {isBase && <span className="muted">· base</span>}
              </span>
            </th>
          );
        })}
      </tr>
      {base !== undefined && (
        <tr className="compare-parts">
          <td className="compare-corner" />
          {runs.map(({ info }, place) =>
            place === base ? (
              <th key={info.run_id} scope="col">
                Value
              </th>
            ) : (
              ['Value', 'Δ', '%'].map((part) => (
                <th key={info.run_id + part} scope="col">
                  {part}
                </th>
              ))
            ),
          )}
        </tr>
      )}
    </thead>
  );
}

interface SectionProps {
  section: CompareSection;
  /** Rows that are hidden. */
  equal: number;
  isDiff: boolean;
  isFolded: boolean;
  onFold: () => void;
  onShowEqual: () => void;
  columns: number;
  runs: readonly Run[];
  base: number | undefined;
}

function Section({ section, equal, isDiff, isFolded, onFold, onShowEqual, columns, runs, base }: SectionProps) {
  const { title, rows, name } = section;
  const step = Math.max(20, Math.floor(MOST_CELLS / Math.max(1, columns)));
  const [limit, setLimit] = useState(step);
  const drawn = isFolded ? [] : rows.slice(0, limit);
  return (
    <tbody>
      <tr className="compare-section">
        <th colSpan={columns} scope="rowgroup">
          <span className="compare-heading">
            <button type="button" className="compare-fold" aria-expanded={!isFolded} onClick={onFold}>
              <span aria-hidden="true">{isFolded ? '▸' : '▾'}</span> {title}
            </button>
            <span className="muted">
              {isDiff ? `${rows.length.toLocaleString('en')} differ` : count(rows.length, 'row')}
            </span>
            {isDiff && equal > 0 && (
              <span className="muted">
                {count(equal, 'equal row')} hidden ·{' '}
                <button type="button" className="link-button" onClick={onShowEqual}>
                  show
                </button>
              </span>
            )}
          </span>
        </th>
      </tr>
      {drawn.map((row) => (
        <Row key={row.key} row={row} name={name}>
          <CompareCells row={row} section={name} runs={runs} base={base} />
        </Row>
      ))}
      {!isFolded && rows.length > limit && (
        <tr>
          <td colSpan={columns}>
            <button type="button" className="link-button" onClick={() => setLimit(limit + step)}>
              {count(rows.length - limit, 'more row', 'more rows')}: show {Math.min(step, rows.length - limit)}
            </button>
          </td>
        </tr>
      )}
    </tbody>
  );
}

function Row({ row, name, children }: { row: CompareRow; name: SectionName; children: ReactNode }) {
  return (
    <tr className={row.isEqual ? 'compare-equal' : undefined}>
      <th scope="row" className="compare-key">
        {name === 'facts' ? row.key : <UserText text={row.key} cut="middle" />}
        {row.goal && (
          <span className="muted" title={row.goal === 'max' ? 'Higher is better' : 'Lower is better'}>
            {' '}
            <span aria-hidden="true">{row.goal === 'max' ? '↑' : '↓'}</span>
          </span>
        )}
      </th>
      {children}
    </tr>
  );
}

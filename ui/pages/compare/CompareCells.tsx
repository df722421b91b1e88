/** The cells of one row of a comparison: values, differences from the base, and long texts by the words that differ. */
import { type ReactNode, useState } from 'react';
import type { Run } from '../../../api/index.js';
import { type CompareCell, type CompareRow, changeOf, type SectionName } from '../../compare/rows.js';
import { shortened, wordDiff } from '../../compare/word-diff.js';
import { Nothing } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { shortNumber } from '../../display/numbers.js';

interface CompareCellsProps {
  row: CompareRow;
  section: SectionName;
  runs: readonly Run[];
  base: number | undefined;
}

/** Longer texts wrap and show what is different in them. */
const LONG = 40;
const SHORT_START = 160;

export function CompareCells({ row, section, runs, base }: CompareCellsProps) {
  const isLong = !row.isNumeric && row.cells.some((cell) => (cell?.text.length ?? 0) > LONG);
  // Without a base, long texts are told by how they differ from the first run that has one.
  const reference = base ?? row.cells.findIndex((cell) => cell);
  return row.cells.map((cell, place) => {
    const id = runs[place]?.info.run_id ?? String(place);
    const isSplit = base !== undefined && place !== base;
    const value = (
      <Value
        cell={cell}
        section={section}
        isBest={row.best.has(place)}
        against={isLong && place !== reference ? row.cells[reference]?.text : undefined}
        isLong={isLong}
      />
    );
    if (!isSplit) {
      return (
        <td key={id} className={row.isNumeric ? 'align-end' : undefined}>
          {value}
        </td>
      );
    }
    if (!row.isNumeric) {
      return (
        <td key={id} colSpan={3}>
          {value}
        </td>
      );
    }
    return <Split key={id} row={row} base={base} place={place} value={value} />;
  });
}

function Split({ row, base, place, value }: { row: CompareRow; base: number; place: number; value: ReactNode }) {
  const change = changeOf(row, base, place);
  const tone = change?.isBetter === undefined ? '' : change.isBetter ? ' status-good' : ' status-bad';
  const word = change?.isBetter === undefined ? '' : change.isBetter ? ', better' : ', worse';
  return (
    <>
      <td className="align-end">{value}</td>
      <td className={`align-end compare-change${tone}`}>
        {change ? (
          <>
            {signed(change.by, shortNumber(Math.abs(change.by)))}
            <span className="visually-hidden">{word}</span>
          </>
        ) : (
          <Nothing />
        )}
      </td>
      <td className={`align-end compare-change${tone}`}>
        {change?.share === undefined ? <Nothing /> : signed(change.share, percent(Math.abs(change.share)))}
      </td>
    </>
  );
}

const signed = (value: number, text: string) => (value === 0 ? '0' : `${value > 0 ? '+' : '−'}${text}`);

const percent = (share: number) =>
  share >= 10 ? `${shortNumber(Math.round(share * 100))}` : `${Number((share * 100).toPrecision(3))}`;

interface ValueProps {
  cell: CompareCell | undefined;
  section: SectionName;
  isBest: boolean;
  /** The text to show differences from. */
  against: string | undefined;
  isLong: boolean;
}

function Value({ cell, section, isBest, against, isLong }: ValueProps) {
  if (!cell) return <Nothing />;
  if (cell.number !== undefined && section === 'metrics') {
    return (
      <span className={isBest ? 'number compare-best' : 'number'} title={cell.text}>
        {isBest && (
          <>
            <span aria-hidden="true">★ </span>
            <span className="visually-hidden">best </span>
          </>
        )}
        {shortNumber(cell.number)}
      </span>
    );
  }
  if (cell.text === '') return <span className="muted">empty</span>;
  if (!isLong) return <UserText text={cell.text} />;
  return against === undefined ? <Long text={cell.text} /> : <Diff before={against} text={cell.text} />;
}

function Long({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  return (
    <>
      <bdi dir="auto" className="wrapping">
        {isWhole || text.length <= SHORT_START ? text : `${text.slice(0, SHORT_START)}…`}
      </bdi>
      {text.length > SHORT_START && <More isWhole={isWhole} onToggle={() => setWhole(!isWhole)} />}
    </>
  );
}

function Diff({ before, text }: { before: string; text: string }) {
  const [isWhole, setWhole] = useState(false);
  if (before === text) return <span className="muted">the same</span>;
  const all = wordDiff(before, text);
  const brief = shortened(all);
  const isCut = brief.some((part, place) => part !== all[place]);
  return (
    <>
      <bdi dir="auto" className="wrapping">
        {(isWhole ? all : brief).map(({ kind, text: words }, place) => {
          const key = `${place} ${kind}`;
          if (kind === 'added') return <ins key={key}>{words}</ins>;
          if (kind === 'removed') return <del key={key}>{words}</del>;
          return <span key={key}>{words}</span>;
        })}
      </bdi>
      {isCut && <More isWhole={isWhole} onToggle={() => setWhole(!isWhole)} />}
    </>
  );
}

function More({ isWhole, onToggle }: { isWhole: boolean; onToggle: () => void }) {
  return (
    <>
      {' '}
      <button type="button" className="link-button" onClick={onToggle}>
        {isWhole ? 'less' : 'more'}
      </button>
    </>
  );
}

/** The cells of a run, or of a group of runs. */
import { Link } from 'wouter';
import { Status } from '../../../components/Status.js';
import { Duration, Nothing, Time } from '../../../components/Time.js';
import { UserText } from '../../../components/UserText.js';
import { count, fullNumber, shortNumber } from '../../../display/numbers.js';
import { chosenColour, runColour } from '../../../display/run-colours.js';
import type { FactColumn } from '../../../display/run-columns.js';
import { experimentLink, runLink } from '../../../links.js';
import { COLOUR, type RunRow } from '../../../queries/run-rows.js';
import type { GroupItem, RunItem } from './run-items.js';

interface SelectCellProps {
  row: RunRow;
  isSelected: boolean;
  /** Its place among the runs that charts draw; undefined: not drawn. */
  place: number | undefined;
  onToggle: (isRange: boolean) => void;
}

export function SelectCell({ row: { info, values }, isSelected, place, onToggle }: SelectCellProps) {
  return (
    <span className="select-cell">
      <label className="select-target">
        <input
          type="checkbox"
          aria-label={`Select ${info.run_name || info.run_id}`}
          checked={isSelected}
          onChange={(event) => onToggle((event.nativeEvent as MouseEvent).shiftKey)}
        />
      </label>
      <Swatch place={place} chosen={chosenColour(values[COLOUR])} />
    </span>
  );
}

/** Drawn as in the charts: in the run's own colour with a whole line, else by place. */
function Swatch({ place, chosen }: { place: number | undefined; chosen: string | undefined }) {
  if (place === undefined) return null;
  const { variable, dash } = chosen ? { variable: undefined, dash: [] } : runColour(place);
  return (
    <svg viewBox="0 0 14 10" className="swatch" aria-hidden="true" style={{ color: chosen ?? `var(${variable})` }}>
      <line
        x1="1"
        y1="5"
        x2="13"
        y2="5"
        strokeDasharray={dash.length > 0 ? dash.map((each) => each / 1.5).join(' ') : undefined}
      />
    </svg>
  );
}

interface ToggleProps {
  isOpen: boolean;
  label: string;
  onToggle: () => void;
}

function Caret({ isOpen, label, onToggle }: ToggleProps) {
  return (
    <button type="button" className="caret" aria-expanded={isOpen} aria-label={label} onClick={onToggle}>
      <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
        <path d={isOpen ? 'M4.500 6.500 8 10 11.500 6.500' : 'M6.500 4.500 10 8 6.500 11.500'} />
      </svg>
    </button>
  );
}

const INDENT = 16;

export function NameCell({ item, onToggle }: { item: RunItem; onToggle: () => void }) {
  const { info } = item.row;
  const name = info.run_name || info.run_id;
  return (
    <span className="name-cell" style={item.depth > 0 ? { paddingInlineStart: item.depth * INDENT } : undefined}>
      <Link href={runLink(info.experiment_id, info.run_id)}>
        <UserText text={name} cut="middle" />
      </Link>
      {item.children > 0 && (
        <Caret isOpen={item.isOpen} label={`${count(item.children, 'child run')} of ${name}`} onToggle={onToggle} />
      )}
      {info.lifecycle_stage === 'deleted' && <span className="badge">Deleted</span>}
    </span>
  );
}

export function GroupNameCell({ item, label, onToggle }: { item: GroupItem; label: string; onToggle: () => void }) {
  return (
    <span className="name-cell">
      <Caret
        isOpen={item.isOpen}
        label={`${label}: ${item.value ?? 'none'}, ${count(item.runs, 'run')}`}
        onToggle={onToggle}
      />
      <UserText text={item.value === undefined ? 'none' : item.value || '(empty)'} />
      <span className="muted">{count(item.runs, 'run')}</span>
    </span>
  );
}

interface FactCellProps {
  column: FactColumn;
  row: RunRow;
  experimentNames: ReadonlyMap<string, string>;
}

export function FactCell({ column, row: { info }, experimentNames }: FactCellProps) {
  const isRunning = info.status === 'RUNNING';
  switch (column) {
    case 'status':
      return <Status status={info.status} />;
    case 'started':
      return <Time at={info.start_time} />;
    case 'ended':
      return <Time at={info.end_time} />;
    case 'duration':
      return <Duration start={info.start_time} end={info.end_time} isRunning={isRunning} />;
    case 'user':
      return info.user_id ? <UserText text={info.user_id} /> : <Nothing />;
    case 'id':
      return <code>{info.run_id}</code>;
    case 'experiment':
      return (
        <Link href={experimentLink(info.experiment_id)}>
          <UserText text={experimentNames.get(info.experiment_id) ?? info.experiment_id} cut="middle" />
        </Link>
      );
    default:
      return null;
  }
}

export function TextCell({ value }: { value: string | number | undefined }) {
  if (value === undefined) return <Nothing />;
  const text = String(value);
  const isNumber = isNumeric(text);
  if (!isNumber) return <UserText text={text} />;
  return (
    <span className="number" title={text}>
      {text.length > 9 ? shortNumber(Number(text)) : text}
    </span>
  );
}

export const isNumeric = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));

export function NumberCell({ value, isBest = false }: { value: string | number | undefined; isBest?: boolean }) {
  if (typeof value !== 'number') return <Nothing />;
  const text = shortNumber(value);
  if (!isBest) {
    return (
      <span className="number" title={fullNumber(value)}>
        {text}
      </span>
    );
  }
  return (
    <strong className="number best" title={`${fullNumber(value)}, the best`}>
      <span aria-hidden="true">★ </span>
      <span className="visually-hidden">best </span>
      {text}
    </strong>
  );
}

export function MeanCell({ value }: { value: number | undefined }) {
  if (value === undefined) return <Nothing />;
  return (
    <span className="number muted" title={`mean ${fullNumber(value)}`}>
      <span aria-hidden="true">x̄ </span>
      <span className="visually-hidden">mean </span>
      {shortNumber(value)}
    </span>
  );
}

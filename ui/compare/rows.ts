/** Runs side by side as rows: facts, params, metrics, tags and data sets, with what is equal in all and what is best. */
import type { Run } from '../../api/index.js';
import { customaryGoal, type Goal } from '../analysis/goals.js';
import { fullNumber } from '../display/numbers.js';
import { duration, exactTime } from '../display/times.js';

export type SectionName = 'facts' | 'params' | 'metrics' | 'tags' | 'datasets';

export interface CompareCell {
  text: string;
  /** Where the value is one. */
  number?: number | undefined;
}

export interface CompareRow {
  key: string;
  /** One per run; undefined where it has none. */
  cells: readonly (CompareCell | undefined)[];
  /** All runs have it, and the same. */
  isEqual: boolean;
  /** Whether all values are numbers, so that differences mean something. */
  isNumeric: boolean;
  goal: Goal | undefined;
  /** Places of the runs with the best value; empty where nobody can say, or all are as good. */
  best: ReadonlySet<number>;
}

export interface CompareSection {
  name: SectionName;
  title: string;
  rows: readonly CompareRow[];
}

/** Characters of a commit’s hash that tell it from all others. */
const COMMIT = 12;

type Cells = (CompareCell | undefined)[];

/** `experimentName` is of an id, as far as it is known. */
export function compareRuns(runs: readonly Run[], experimentName: (id: string) => string): CompareSection[] {
  return [
    section('facts', 'Facts', factsOf(runs, experimentName)),
    section(
      'params',
      'Params',
      keyed(runs, ({ data }) => texts(data.params)),
    ),
    section(
      'metrics',
      'Metrics',
      keyed(runs, ({ data }) =>
        (data.metrics ?? []).map(({ key, value }) => [key, { text: fullNumber(value), number: value }]),
      ),
    ),
    section(
      'tags',
      'Tags',
      keyed(runs, ({ data }) => texts(data.tags?.filter(({ key }) => !/^mlflow\./.test(key)))),
    ),
    section('datasets', 'Data sets', keyed(runs, datasets)),
  ].filter(({ rows }) => rows.length > 0);
}

const texts = (entries: readonly { key: string; value: string }[] = []): [string, CompareCell][] =>
  entries.map(({ key, value }) => [key, { text: value, number: numberOf(value) }]);

const numberOf = (text: string): number | undefined => {
  const found = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(found) ? found : undefined;
};

/** By name and what it was for; the digest tells versions apart. */
function datasets({ inputs }: Run): [string, CompareCell][] {
  return (inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => {
    const context = tags?.find(({ key }) => key === 'mlflow.data.context')?.value;
    return [context ? `${dataset.name} (${context})` : dataset.name, { text: dataset.digest }];
  });
}

function factsOf(runs: readonly Run[], experimentName: (id: string) => string): Map<string, Cells> {
  const tag = (run: Run, key: string) => run.data.tags?.find((each) => each.key === key)?.value;
  const facts: [string, (run: Run) => string | undefined][] = [
    ['Experiment', ({ info }) => experimentName(info.experiment_id)],
    ['Status', ({ info }) => `${info.status[0]}${info.status.slice(1).toLowerCase()}`],
    ['Started', ({ info }) => (info.start_time === undefined ? undefined : exactTime(info.start_time))],
    ['Duration', ({ info }) => tookOf(info)],
    ['User', ({ info }) => info.user_id || undefined],
    ['Source', (run) => tag(run, 'mlflow.source.name')],
    ['Commit', (run) => tag(run, 'mlflow.source.git.commit')?.slice(0, COMMIT)],
    ['Note', (run) => tag(run, 'mlflow.note.content')],
    ['Run id', ({ info }) => info.run_id],
  ];
  const rows = facts.map(([title, read]): [string, Cells] => [title, runs.map((run) => cellOf(read(run)))]);
  return new Map(rows.filter(([, cells]) => cells.some((cell) => cell)));
}

const cellOf = (text: string | undefined) => (text === undefined ? undefined : { text });

const tookOf = ({ start_time: start, end_time: end }: Run['info']) =>
  start === undefined || end === undefined ? undefined : duration(end - start);

function keyed(runs: readonly Run[], entriesOf: (run: Run) => [string, CompareCell][]): Map<string, Cells> {
  const found = new Map<string, Cells>();
  for (const [place, run] of runs.entries()) {
    for (const [key, cell] of entriesOf(run)) {
      const cells = found.get(key) ?? new Array<CompareCell | undefined>(runs.length).fill(undefined);
      cells[place] = cell;
      found.set(key, cells);
    }
  }
  return new Map([...found].sort(([a], [b]) => collator.compare(a, b)));
}

const collator = new Intl.Collator('en', { numeric: true });

function section(name: SectionName, title: string, rows: ReadonlyMap<string, Cells>): CompareSection {
  return { name, title, rows: [...rows].map(([key, cells]) => rowOf(name, key, cells)) };
}

function rowOf(name: SectionName, key: string, cells: Cells): CompareRow {
  const goal = name === 'metrics' ? customaryGoal(key) : undefined;
  const isNumeric = cells.some((cell) => cell) && cells.every((cell) => !cell || cell.number !== undefined);
  const isEqual = cells.every((cell) => cell && cell.text === cells[0]?.text);
  return { key, cells, goal, isNumeric, isEqual, best: goal && !isEqual ? bestOf(cells, goal) : new Set() };
}

function bestOf(cells: Cells, goal: Goal): Set<number> {
  const values = cells.map((cell) => (Number.isNaN(cell?.number) ? undefined : cell?.number));
  const given = values.filter((value) => value !== undefined);
  if (given.length < 2) return new Set();
  const best = goal === 'max' ? Math.max(...given) : Math.min(...given);
  const places = values.flatMap((value, place) => (value === best ? [place] : []));
  return new Set(places.length === given.length ? [] : places);
}

export interface Change {
  by: number;
  /** Of the size of the base's value; undefined where that is 0. */
  share: number | undefined;
  /** Undefined where nobody can say, or nothing changed. */
  isBetter: boolean | undefined;
}

/** From the base's value to another's; undefined where one of them is no number. */
export function changeOf(row: CompareRow, from: number, to: number): Change | undefined {
  const [before, after] = [row.cells[from]?.number, row.cells[to]?.number];
  if (before === undefined || after === undefined) return undefined;
  const by = after - before;
  if (!Number.isFinite(by)) return undefined;
  const isBetter = row.goal === undefined || by === 0 ? undefined : row.goal === 'max' ? by > 0 : by < 0;
  return { by, share: before === 0 ? undefined : by / Math.abs(before), isBetter };
}

/** Lines of several runs as one: their mean, a band around it, and how many they are at each place. */
import type { Line } from './lines.js';
import { type Look, lookAt } from './palette.js';

export type GroupBand = 'sd' | 'range' | 'sem';

export interface Group {
  /** The value that its runs share; undefined for those that have none. */
  value: string | undefined;
  runIds: readonly string[];
}

export function groupsOf(runIds: readonly string[], groupOf: (runId: string) => string | undefined): Group[] {
  const members = new Map<string | undefined, string[]>();
  for (const runId of runIds) {
    const value = groupOf(runId);
    const known = members.get(value);
    if (known) known.push(runId);
    else members.set(value, [runId]);
  }
  return [...members].map(([value, ids]) => ({ value, runIds: ids }));
}

const MOST_PLACES = 1_000;

/** One line for the lines of a group: at every step that one of them has, the mean of those that reach over it. */
export function groupLine(name: string, lines: readonly Line[], band: GroupBand, look: Look, id: string): Line {
  const steps = unionOfSteps(lines);
  const columns = {
    x: [] as number[],
    y: [] as number[],
    low: [] as number[],
    high: [] as number[],
    n: [] as number[],
  };
  const readers = lines.map(readerOf);
  for (const step of steps) {
    const found = readers.map((read) => read(step)).filter((each) => each !== undefined);
    const values = found.map(({ y }) => y).filter((y) => !Number.isNaN(y));
    const [low, mean, high] = spread(values, band);
    columns.x.push(average(found.map(({ x }) => x)));
    columns.y.push(mean);
    columns.low.push(low);
    columns.high.push(high);
    columns.n.push(values.length);
  }
  const zeros = steps.map(() => 0);
  return {
    ...columns,
    id,
    name,
    look,
    steps,
    times: zeros,
    nan: countAt(steps, lines, 'nan'),
    posInf: countAt(steps, lines, 'posInf'),
    negInf: countAt(steps, lines, 'negInf'),
    members: lines.map((line) => line.id),
  };
}

function unionOfSteps(lines: readonly Line[]): number[] {
  const all = [...new Set(lines.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
  const every = Math.ceil(all.length / MOST_PLACES);
  return every > 1 ? all.filter((_, at) => at % every === 0 || at === all.length - 1) : all;
}

/** Reads a line at ascending steps, between two of its entries on the straight line between them. */
function readerOf({ steps, x, y, smooth = y }: Line): (step: number) => { x: number; y: number } | undefined {
  let at = 0;
  return (step) => {
    while (at < steps.length && (steps[at] as number) < step) at++;
    if (at >= steps.length || (at === 0 && (steps[0] as number) > step)) return undefined;
    if (steps[at] === step) return { x: x[at] as number, y: smooth[at] as number };
    const [from, to] = [steps[at - 1] as number, steps[at] as number];
    const share = (step - from) / (to - from);
    const between = (column: readonly number[]) =>
      (column[at - 1] as number) + ((column[at] as number) - (column[at - 1] as number)) * share;
    return { x: between(x), y: between(smooth) };
  };
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Lower edge, mean, upper edge. */
function spread(values: readonly number[], band: GroupBand): [number, number, number] {
  const mean = average(values);
  if (band === 'range') return [Math.min(...values, mean), mean, Math.max(...values, mean)];
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const deviation = Math.sqrt(variance) / (band === 'sem' ? Math.sqrt(values.length) : 1);
  return [mean - deviation, mean, mean + deviation];
}

function countAt(steps: readonly number[], lines: readonly Line[], column: 'nan' | 'posInf' | 'negInf'): number[] {
  const result = steps.map(() => 0);
  for (const line of lines) {
    let at = 0;
    line[column].forEach((found, place) => {
      if (!found) return;
      while (at < steps.length - 1 && (steps[at] as number) < (line.steps[place] as number)) at++;
      result[at] = (result[at] ?? 0) + found;
    });
  }
  return result;
}

export interface Grouping {
  /** For the heading: "lr". */
  by: string;
  band: GroupBand;
  groupOf: (runId: string) => string | undefined;
  /** By the group's id. */
  looks: ReadonlyMap<string, Look>;
  /** Ids of groups whose runs are shown singly. */
  unfolded: ReadonlySet<string>;
}

/** The id of a group's line. */
export const groupId = (value: string | undefined) => `group:${value ?? ''}`;

/** The lines of runs as lines of groups; those of an unfolded group stay single, in its colour. */
export function groupedLines(lines: readonly Line[], { by, band, groupOf, looks, unfolded }: Grouping): Line[] {
  const byId = new Map(lines.map((line) => [line.id, line]));
  return groupsOf([...byId.keys()], groupOf).flatMap((group, place) => {
    const members = group.runIds.map((runId) => byId.get(runId) as Line);
    const id = groupId(group.value);
    const look = looks.get(id) ?? lookAt(place);
    if (unfolded.has(id)) return members.map((line) => ({ ...line, look }));
    return [groupLine(`${by} ${group.value ?? '(none)'}`, members, band, look, id)];
  });
}

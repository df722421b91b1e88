/** Prints what was measured of model servers: rates and other figures beside the targets, then CPU time and latencies. */
import { aligned, digits, heading, isQuiet, type Machine } from '../table.js';
import {
  memory,
  pingCase,
  pingTarget,
  type Rival,
  type ServingCase,
  servingCases,
  start,
  type Targets,
} from './cases.js';
import type { CaseResult } from './measure.js';
import { type ServerName, serverNames, servers } from './peers.js';

export interface ServingResults {
  machine: Machine;
  /** By case; `not there` where the server does not speak the dialect. */
  cases: Partial<Record<string, Partial<Record<ServerName, CaseResult | 'not there'>>>>;
  /** Runs of the graph a second with the batch of a case, by case. */
  raw: Partial<Record<string, number>>;
  /** CPU time and time to the first 200. */
  start: Partial<Record<ServerName, { cpuMs: number; wallMs: number }>>;
  memoryMB: Partial<Record<ServerName, number>>;
}

type Figures = Partial<Record<'mltrack' | Rival, number | string>>;

const columns = [...serverNames, 'raw'] as const;
const titles = [...serverNames.map((name) => servers[name].title), 'raw session loop'];

export function servingTable(results: ServingResults): string {
  const cases = servingCases.filter(({ name }) => results.cases[name]);
  const of = ({ name }: ServingCase, figure: (result: CaseResult) => number | string | undefined): Figures => {
    const figures = serverNames.map((server) => {
      const result = results.cases[name]?.[server];
      return [server, typeof result === 'object' ? figure(result) : result];
    });
    return Object.fromEntries(figures);
  };
  const rates = cases.map((each) => {
    const figures = { ...of(each, (result) => result.requestsPerSecond), raw: results.raw[each.name] };
    return [each.title, ...cells(figures as Figures, each.targets, 'at least')];
  });
  const p99s = cases
    .filter((each) => each.p99)
    .map((each) => [
      `p99: ${each.title}, ms`,
      ...cells(
        of(each, ({ p99 }) => p99),
        each.p99!,
        'at most',
      ),
    ]);
  const others = [
    ...p99s,
    ...(results.cases[pingCase.name] ? [pingRow(of(pingCase, ({ pingP99 }) => pingP99))] : []),
    [`${start.title}, ms`, ...cells(started(results, 'wallMs'), start.targets, 'at most')],
    ['start, CPU time, ms', ...cells(started(results, 'cpuMs'), {}, 'at most')],
    [`${memory.title}, MB`, ...cells(results.memoryMB, memory.targets, 'at most')],
  ].filter((row) => row.slice(1).some((cell) => cell !== ''));
  const costs = cases.map((each) => [
    each.title,
    ...cells(
      of(each, ({ cpuMs }) => cpuMs),
      {},
      'at most',
    ),
  ]);
  const latencies = cases.map((each) => {
    const figures = of(each, ({ p50, p99 }) => `${digits(p50)} / ${digits(p99)}`);
    return [each.title, ...cells(figures, {}, 'at most')];
  });
  return [
    heading(results.machine),
    '',
    section('Requests a second', rates),
    '',
    section('Other figures', others),
    '',
    '(3.00x: mltrack has three times the figure of that server; then the target)',
    '',
    section('CPU time of a request, whole process tree, ms', costs),
    '',
    section('p50 / p99, ms', latencies),
    ...(isQuiet(results.machine) ? [] : ['', 'The machine was busy: the CPU time says more than the rates.']),
    '',
  ].join('\n');
}

function started({ start }: ServingResults, time: 'cpuMs' | 'wallMs'): Figures {
  return Object.fromEntries(Object.entries(start).map(([name, times]) => [name, times[time]]));
}

/** Rows of a title and a cell for each column, without the columns that are empty. */
function section(title: string, rows: string[][]): string {
  const isUsed = (column: number) => column === 0 || rows.some((row) => row[column] !== '');
  return aligned([[title, ...titles], ...rows].map((row) => row.filter((_, column) => isUsed(column))));
}

function cells(figures: Figures, targets: Targets, sense: 'at least' | 'at most'): string[] {
  const ours = figures.mltrack;
  return columns.map((name) => {
    const theirs = figures[name];
    if (typeof theirs !== 'number') return theirs ?? '';
    if (name === 'mltrack' || typeof ours !== 'number') return digits(theirs);
    const ratio = ours / theirs;
    const target = targets[name];
    const isMet = target === undefined || (sense === 'at least' ? ratio >= target : ratio <= target);
    const wanted = target === undefined ? '' : ` ${sense === 'at least' ? '≥' : '≤'}${target.toPrecision(2)}`;
    return `${digits(theirs)}  ${ratio.toPrecision(3)}x${wanted}${wanted && (isMet ? ' ok' : ' MISS')}`;
  });
}

/** The one target that is a figure of our own. */
function pingRow(figures: Figures): string[] {
  const row = cells(figures, {}, 'at most');
  const ours = figures.mltrack;
  if (typeof ours === 'number') row[0] += ` <${pingTarget} ${ours < pingTarget ? 'ok' : 'MISS'}`;
  return [`p99 of /ping under ${pingCase.connections} connections, ms`, ...row];
}

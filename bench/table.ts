/** Prints what was measured: CPU time and memory beside the targets, then the wall-clock figures. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { coldStart, type LoadCase, loadCases, memory, mixedCase, type Targets } from './cases.js';
import type { LoadResult } from './measure.js';
import { type PeerName, peerNames, peers } from './peers.js';

export interface PeerResults {
  /** Medians of several starts. */
  start?: { cpuMs: number; wallMs: number };
  memoryMB?: number;
  load: Record<string, LoadResult>;
}

export interface Machine {
  date: string;
  commit: string;
  node: string;
  cpu: string;
  cores: number;
  /** One-minute load average before the first server was started. */
  load: number;
}

export interface Results {
  machine: Machine;
  peers: Partial<Record<PeerName, PeerResults>>;
}

export function machine(): Machine {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 16),
    commit,
    node: process.version,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    load: loadavg()[0]!,
  };
}

/** Quiet enough for wall-clock figures to mean something. */
export function isQuiet({ load, cores }: Machine): boolean {
  return load < cores / 4;
}

/** What was measured, where and when. */
export function heading({ commit, date, cpu, cores, node, load }: Machine): string {
  return `mltrack ${commit}, ${date} UTC: ${cpu}, ${cores} cores, node ${node}, load average ${load.toFixed(2)}`;
}

export function table(results: Results): string {
  const { machine } = results;
  const names = peerNames.filter((name) => results.peers[name]);
  const titles = names.map((name) => peers[name].title);
  const of = (pick: (peer: PeerResults) => number | undefined) =>
    Object.fromEntries(names.map((name) => [name, pick(results.peers[name]!)])) as Figures;
  const wanted = (load: LoadCase) => names.some((name) => results.peers[name]?.load[load.name]);
  const cases = [...loadCases, mixedCase].filter(wanted);

  const cost = cases.map((load) => [
    `${load.title}, ms`,
    ...cells(
      names,
      of((peer) => peer.load[load.name]?.cpuMs),
      load.targets,
    ),
  ]);
  const started = of((peer) => peer.start?.cpuMs);
  if (names.some((name) => started[name] !== undefined)) {
    cost.push([`${coldStart.title}, ms`, ...cells(names, started, coldStart.targets)]);
  }
  const used = of((peer) => peer.memoryMB);
  if (names.some((name) => used[name] !== undefined)) {
    cost.push([`${memory.title}, MB`, ...cells(names, used, memory.targets)]);
  }

  const wall = cases.map((load) => [
    load.title,
    ...names.map((name) => wallCell(results.peers[name]?.load[load.name], load, name, machine)),
  ]);
  if (names.some((name) => results.peers[name]?.start)) {
    wall.push([
      coldStart.title,
      ...names.map((name) => {
        const start = results.peers[name]?.start;
        return start ? `${digits(start.wallMs)} ms` : '';
      }),
    ]);
  }
  return [
    heading(machine),
    '',
    aligned([['CPU time per operation, whole process tree, until idle', ...titles], ...cost]),
    '',
    '(0.50x: mltrack needs half as much as the floor; 20x: the peer needs twenty times what mltrack does; then the target)',
    '',
    aligned([['Wall clock: rate, p50 / p99 in ms', ...titles], ...wall]),
    ...(isQuiet(machine) ? [] : ['', 'The machine was busy: wall-clock figures are not judged.']),
    '',
  ].join('\n');
}

type Figures = Partial<Record<PeerName, number>>;

function cells(names: PeerName[], figures: Figures, targets: Targets): string[] {
  return names.map((name) => {
    const theirs = figures[name];
    const ours = figures.mltrack;
    if (theirs === undefined) return '';
    if (name === 'mltrack' || ours === undefined) return digits(theirs);
    const isFloor = name === 'floor';
    const ratio = isFloor ? ours / theirs : theirs / ours;
    const target = targets[name];
    const verdict =
      target === undefined
        ? ''
        : ` ${isFloor ? '≤' : '≥'}${target} ${(isFloor ? ratio <= target : ratio >= target) ? 'ok' : 'MISS'}`;
    return `${digits(theirs)}  ${isFloor ? ratio.toFixed(2) : digits(ratio)}x${verdict}`;
  });
}

function wallCell(result: LoadResult | undefined, load: LoadCase, name: PeerName, machine: Machine): string {
  if (!result) return '';
  const rate = `${Math.round(result.valuesPerSecond).toLocaleString('en')}/s`;
  const latency = `${digits(result.p50)} / ${digits(result.p99)}`;
  const search = result.search && `, search ${digits(result.search.p50)} / ${digits(result.search.p99)}`;
  const judged = name === 'mltrack' && load.valuesPerSecond !== undefined && isQuiet(machine);
  const verdict = judged ? (result.valuesPerSecond >= load.valuesPerSecond! ? ' ok' : ' MISS') : '';
  return `${rate}${verdict}, ${latency}${search ?? ''}`;
}

/** Three significant digits, and no exponent. */
export function digits(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** The rows as lines, their columns one below the other. */
export function aligned(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

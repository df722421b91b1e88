/** Prints what searches cost: CPU time beside the peers and the targets, then how it grows. */
import { peers } from '../peers.js';
import { aligned, digits, heading, type Machine } from '../table.js';
import { type SearchPeer, searchCases, searchPeers, sizes } from './cases.js';

export interface SearchFigure {
  /** CPU time of one operation, whole process tree. */
  cpuMs: number;
  p50: number;
  p99: number;
}

/** By case, then by the number of runs. */
export type SearchFigures = Record<string, Record<number, SearchFigure>>;

export interface SearchResults {
  machine: Machine;
  peers: Partial<Record<SearchPeer, SearchFigures>>;
}

export function searchTable({ machine, peers: measured }: SearchResults): string {
  const names = searchPeers.filter((name) => measured[name]);
  const cases = searchCases.filter((each) => names.some((name) => measured[name]?.[each.name]));
  const costs = cases.map((each) => {
    const ours = measured.mltrack?.[each.name]?.[1000];
    const cells = names.map((name) => {
      const figure = measured[name]?.[each.name]?.[1000];
      if (!figure) return '';
      if (name === 'mltrack' || !ours) return digits(figure.cpuMs);
      const ratio = figure.cpuMs / ours.cpuMs;
      const verdict = name === 'mlflow' ? ` ≥${each.target} ${ratio >= each.target ? 'ok' : 'MISS'}` : '';
      return `${digits(figure.cpuMs)}  ${digits(ratio)}x${verdict}`;
    });
    return [each.title, ...cells];
  });
  const growth = cases.map((each) => {
    const figures = measured.mltrack?.[each.name] ?? {};
    const cells = sizes.map(({ runs, times }) => {
      const figure = figures[runs];
      const least = figures[1000];
      if (!figure || !least) return '';
      const ratio = figure.cpuMs / least.cpuMs;
      const verdict = times === 1 ? '' : `  ${digits(ratio)}x ≤${times} ${ratio <= times ? 'ok' : 'MISS'}`;
      return `${digits(figure.cpuMs)}${verdict}`;
    });
    return [each.title, ...cells];
  });
  const wall = cases.map((each) => [
    each.title,
    ...names.map((name) => {
      const figure = measured[name]?.[each.name]?.[1000];
      return figure ? `${digits(figure.p50)} / ${digits(figure.p99)}` : '';
    }),
  ]);
  const titles = names.map((name) => peers[name].title);
  return [
    heading(machine),
    '',
    aligned([['CPU time per operation in ms, 1,000 runs', ...titles], ...costs]),
    '',
    aligned([['mltrack as the runs grow, ms', ...sizes.map(({ runs }) => runs.toLocaleString('en'))], ...growth]),
    '',
    aligned([['Wall clock: p50 / p99 in ms, 1,000 runs', ...titles], ...wall]),
    '',
  ].join('\n');
}

/** Which columns stand as axes, as the URL has them: `params.lr~l,params.depth~f,metrics.val/acc`, and which stand there unasked. */
import type { AxisLook } from './axis.js';
import { part, unpart } from './brush.js';
import type { Importance } from './importance.js';
import type { RunFrame } from './run-frame.js';

export interface AxisChoice extends AxisLook {
  column: string;
}

/** More would stand too close to tell their lines apart. */
export const MOST_AXES = 12;
const UNASKED = 6;
const LEAST_UNASKED = 4;
/** What explains less stands there only to fill up. */
const LEAST_SHARE = 0.005;

export const axesText = (axes: readonly AxisChoice[]): string =>
  axes
    .map(({ column, isLog, isFlipped }) => {
      const marks = `${isLog === undefined ? '' : isLog ? 'l' : 'n'}${isFlipped ? 'f' : ''}`;
      return part(column) + (marks && `~${marks}`);
    })
    .join();

export function parseAxes(text: string): AxisChoice[] {
  const seen = new Set<string>();
  return text.split(',').flatMap((item): AxisChoice[] => {
    const [name = '', marks = ''] = item.split('~');
    const column = unpart(name);
    if (!column || seen.has(column) || seen.size >= MOST_AXES) return [];
    seen.add(column);
    return [
      {
        column,
        isLog: marks.includes('l') || (marks.includes('n') ? false : undefined),
        isFlipped: marks.includes('f'),
      },
    ];
  });
}

/** The most important params that at least half of the runs have, the least of them first, and the target at the right end. */
export function unaskedAxes(frame: RunFrame, ranked: readonly Importance[], target: string | undefined): AxisChoice[] {
  const params = ranked
    .filter(({ n }) => n >= frame.ids.length / 2)
    .slice(0, UNASKED)
    .filter(({ share }, place) => place < LEAST_UNASKED || share >= LEAST_SHARE)
    .map(({ column }) => column);
  if (params.length < LEAST_UNASKED) {
    for (const name of frame.columns.keys()) {
      if (params.length >= LEAST_UNASKED) break;
      if (name.startsWith('params.') && !params.includes(name)) params.push(name);
    }
  }
  return [...params.reverse(), ...(target ? [target] : [])].map((column) => ({ column }));
}

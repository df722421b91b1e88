/** The runs of the table that a run was opened from, in its order, so that its page leads to the next and the previous one. Kept for as long as the browser's tab lives. */

export interface RunAddress {
  experimentId: string;
  runId: string;
}

const KEY = 'mltrack.run-order';
/** So many on either side of the table's window are enough to walk along. */
const MOST = 2_000;

export function keepRunOrder(runs: readonly RunAddress[]): void {
  try {
    const text = runs.slice(0, MOST).map(({ experimentId, runId }) => `${experimentId}/${runId}`);
    sessionStorage.setItem(KEY, text.join(' '));
  } catch {
    // Storage is full or switched off: there are no neighbours then.
  }
}

export interface Neighbours {
  previous: RunAddress | undefined;
  next: RunAddress | undefined;
  /** From 1. */
  place: number;
  total: number;
}

/** Undefined where no table is known that has the run. */
export function neighboursOf(runId: string): Neighbours | undefined {
  const order = readOrder();
  const at = order.findIndex((each) => each.runId === runId);
  if (at < 0) return undefined;
  return { previous: order[at - 1], next: order[at + 1], place: at + 1, total: order.length };
}

function readOrder(): RunAddress[] {
  try {
    const text = sessionStorage.getItem(KEY) ?? '';
    return text
      .split(' ')
      .filter(Boolean)
      .map((each) => {
        const [experimentId = '', runId = ''] = each.split('/');
        return { experimentId, runId };
      });
  } catch {
    return [];
  }
}

/** Which params and metrics are worth a column: params that differ between the runs, metrics that are likely the goal. */
import type { RunKey } from '../../../../api/index.js';
import { keyColumnId } from '../../../display/run-columns.js';

const MOST_PARAMS = 4;
const MOST_METRICS = 5;
/** A metric that fewer of the runs have says little about them. */
const LEAST_SHARE = 0.1;

export interface ChosenColumns {
  /** Ids, in the order they are shown in. */
  columns: string[];
  /** Of params that have one value in all of these runs. */
  constants: string[];
}

interface Known {
  looked_at: number;
  keys?: readonly RunKey[];
}

/** `primary` is the key that the experiment's tag mlflow.primaryMetric names. */
export function chooseColumns(known: Known, primary: string | undefined, isOverSeveral: boolean): ChosenColumns {
  const keys = known.keys ?? [];
  const params = keys.filter(({ kind }) => kind === 'PARAM');
  const metrics = keys.filter(({ kind }) => kind === 'METRIC');
  const isVarying = ({ distinct_values = 0, runs }: RunKey) =>
    known.looked_at === 1 || distinct_values > 1 || runs < known.looked_at;
  const varying = params
    .filter(isVarying)
    .sort(
      (a, b) => (b.distinct_values ?? 0) - (a.distinct_values ?? 0) || depth(a) - depth(b) || compare(a.key, b.key),
    );
  const constants = params.filter((key) => !isVarying(key)).sort((a, b) => compare(a.key, b.key));
  const param = ({ key }: RunKey) => keyColumnId({ kind: 'params', key });
  return {
    columns: [
      'name',
      ...(isOverSeveral ? ['experiment'] : []),
      ...['status', 'started', 'duration'],
      ...varying.slice(0, MOST_PARAMS).map(param),
      ...chooseMetrics(metrics, known.looked_at, primary).map((key) => keyColumnId({ kind: 'metrics', key })),
    ],
    constants: constants.map(param),
  };
}

function chooseMetrics(metrics: readonly RunKey[], runCount: number, primary: string | undefined): string[] {
  const rank = (key: string) => {
    if (key === primary) return 0;
    const isHeldOut = /(^|[^a-z])(val|valid|validation|test|eval)([^a-z]|$)/i.test(key);
    const isGoal = /(^|[^a-z])(acc|accuracy|loss|f1|auc|error|score|rmse|mae|r2)([^a-z]|$)/i.test(key);
    if (/^system\//.test(key)) return 5;
    return isHeldOut && isGoal ? 1 : isHeldOut ? 2 : isGoal ? 3 : 4;
  };
  return metrics
    .filter(({ key, runs }) => runs >= runCount * LEAST_SHARE || key === primary)
    .sort((a, b) => rank(a.key) - rank(b.key) || b.runs - a.runs || compare(a.key, b.key))
    .slice(0, MOST_METRICS)
    .map(({ key }) => key);
}

/** Of `optimizer.adam.beta`: what lies deep is rarely what a sweep is about. */
const depth = ({ key }: RunKey) => key.split(/[./]/).length;

const collator = new Intl.Collator('en', { numeric: true });
const compare = (a: string, b: string) => collator.compare(a, b);

/** What the params of an experiment's runs did to a metric. */
import { Empty } from '../../../components/Empty.js';
import type { RunScope } from '../../../state/run-scope.js';

export function AnalysisView({ scope }: { scope: RunScope }) {
  return <Empty title={`Analysis of the runs of ${scope.experimentIds.join(', ')}`} />;
}

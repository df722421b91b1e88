/** The curves of an experiment's runs. */
import { Empty } from '../../../components/Empty.js';
import type { RunScope } from '../../../state/run-scope.js';

export function ChartsView({ scope }: { scope: RunScope }) {
  return <Empty title={`Charts of ${scope.selected.length || 'the first 20'} runs`} />;
}

/** The stage of a version, changed in place. */
import type { ModelVersion } from '../../../api/index.js';
import { client } from '../../queries/connection.js';
import { useRegistryChange } from '../../queries/registry/models.js';
import { toast, toastError } from '../../state/toasts.js';
import { STAGES } from './model-facts.js';

export function StageSelect({ version: { name, version, current_stage } }: { version: ModelVersion }) {
  const change = useRegistryChange();
  const move = (stage: string) => change(() => client.transitionModelVersionStage({ name, version, stage }));
  const choose = async (stage: string) => {
    try {
      await move(stage);
      toast(`Version ${version} is in ${stage}`, { action: { label: 'Undo', run: () => void move(current_stage) } });
    } catch (error) {
      toastError('The stage was not changed', error);
    }
  };
  return (
    <select
      className="field stage"
      aria-label={`Stage of version ${version}`}
      value={current_stage}
      onChange={(event) => choose(event.target.value)}
    >
      {[...new Set<string>([...STAGES, current_stage])].map((stage) => (
        <option key={stage}>{stage}</option>
      ))}
    </select>
  );
}

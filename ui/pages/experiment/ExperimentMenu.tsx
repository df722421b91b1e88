/** What can be done with the experiment whose runs are shown. */
import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import type { Experiment } from '../../../api/index.js';
import { Menu, type MenuItem } from '../../components/Menu.js';
import { experimentLink, experimentsLink } from '../../links.js';
import { deleteExperiment, restoreExperiment } from '../../queries/experiment-changes.js';
import { copyText } from '../../state/clipboard.js';
import { toast, toastError } from '../../state/toasts.js';

const RenameExperiment = lazy(async () => ({
  default: (await import('../experiments/ExperimentDialogs.js')).RenameExperiment,
}));
const EditNote = lazy(async () => ({ default: (await import('../experiments/ExperimentDialogs.js')).EditNote }));

export function ExperimentMenu({ experiment }: { experiment: Experiment }) {
  const { experiment_id, name, lifecycle_stage } = experiment;
  const [open, setOpen] = useState<'rename' | 'note'>();
  const [, navigate] = useLocation();
  const restore = async () => {
    try {
      await restoreExperiment(experiment_id);
      toast(`Experiment “${name}” restored`);
    } catch (error) {
      toastError('Not restored', error);
    }
  };
  const remove = async () => {
    try {
      await deleteExperiment(experiment_id);
      const undo = () => restore().then(() => navigate(experimentLink(experiment_id)));
      toast(`Experiment “${name}” deleted`, { action: { label: 'Undo', run: undo } });
      navigate(experimentsLink);
    } catch (error) {
      toastError('Not deleted', error);
    }
  };
  const items: MenuItem[] = [
    { label: 'Rename', run: () => setOpen('rename') },
    { label: 'Edit the note', run: () => setOpen('note') },
    { label: 'Copy the id', run: () => copyText(experiment_id, 'Id copied') },
    lifecycle_stage === 'deleted'
      ? { label: 'Restore', run: restore }
      : { label: 'Delete', isDangerous: true, run: remove },
  ];
  const close = () => setOpen(undefined);
  return (
    <>
      <Menu label={`More for ${name}`} items={items} className="caret">
        <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
          <path d="M3.500 8h.01M8 8h.01M12.500 8h.01" strokeWidth="2.500" />
        </svg>
      </Menu>
      <Suspense fallback={null}>
        {open === 'rename' && <RenameExperiment experiment={experiment} onClose={close} />}
        {open === 'note' && <EditNote experiment={experiment} onClose={close} />}
      </Suspense>
    </>
  );
}

/** What can be done with a run: copied, registered, run again, deleted and restored. */
import { useState } from 'react';
import type { Run } from '../../../api/index.js';
import { RegisterModel } from '../../artifacts/RegisterModel.js';
import { Dialog } from '../../components/Dialog.js';
import { Menu, type MenuItem } from '../../components/Menu.js';
import { Snippet } from '../../components/Snippets.js';
import { client } from '../../queries/connection.js';
import { useLoggedModels } from '../../queries/logged-models.js';
import { useRunChange } from '../../queries/run-page.js';
import { copyText } from '../../state/clipboard.js';
import { toast, toastError } from '../../state/toasts.js';
import { pythonOf, rerunOf, typescriptOf } from './run-snippets.js';

type Open = 'code' | 'register' | undefined;

export function RunMenu({ run }: { run: Run }) {
  const { info } = run;
  const [open, setOpen] = useState<Open>();
  const change = useRunChange(info.run_id);
  const modelIds = (run.outputs?.model_outputs ?? []).map(({ model_id }) => model_id);
  const models = useLoggedModels(modelIds);
  const isDeleted = info.lifecycle_stage === 'deleted';
  const restore = () =>
    change(() => client.restoreRun({ run_id: info.run_id })).then(
      () => toast('The run is back'),
      (error) => toastError('The run was not restored', error),
    );
  const remove = async () => {
    try {
      await change(() => client.deleteRun({ run_id: info.run_id }));
      toast(`Deleted ${info.run_name}`, { action: { label: 'Undo', run: restore } });
    } catch (error) {
      toastError('The run was not deleted', error);
    }
  };
  const items: MenuItem[] = [
    { label: 'Copy run id', run: () => copyText(info.run_id, 'Run id copied') },
    { label: 'Code for this run', run: () => setOpen('code') },
    ...(modelIds.length > 0 ? [{ label: 'Register model', run: () => setOpen('register') }] : []),
    isDeleted ? { label: 'Restore', run: restore } : { label: 'Delete', run: remove, isDangerous: true },
  ];
  const rerun = rerunOf(run);
  return (
    <>
      <Menu label="Run menu" items={items}>
        <span aria-hidden="true">⋯</span>
      </Menu>
      {open === 'code' && (
        <Dialog title="Code for this run" onClose={() => setOpen(undefined)}>
          <div className="snippets">
            <Snippet language="Python" code={pythonOf(run)} />
            <Snippet language="TypeScript" code={typescriptOf(run)} />
            {rerun && <Snippet language="Shell" code={rerun} />}
          </div>
          {!rerun && (
            <p className="muted">How it was started is not known: the run has no tag mlflow.source.name of a script.</p>
          )}
        </Dialog>
      )}
      {open === 'register' && (
        <RegisterModel
          sources={modelIds.map((id, index) => ({
            label: models[index]?.data?.info.name ?? id,
            source: { source: `models:/${id}`, model_id: id, run_id: info.run_id },
          }))}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  );
}

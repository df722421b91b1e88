/** What is done to runs of the table: deleted with a way back, restored, tagged, renamed. */
import { useState } from 'react';
import { FormDialog } from '../../../components/Dialog.js';
import { count } from '../../../display/numbers.js';
import { deleteRuns, renameRun, restoreRuns, tagRuns } from '../../../queries/run-changes.js';
import { toast, toastError } from '../../../state/toasts.js';

export async function deleteWithUndo(runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  const what = count(runIds.length, 'run');
  try {
    await deleteRuns(runIds);
    const undo = () => restoreRuns(runIds).catch((error) => toastError('Not restored', error));
    toast(`${what} deleted`, { action: { label: 'Undo', run: undo } });
  } catch (error) {
    toastError(`Not all of ${what} could be deleted`, error);
  }
}

export async function restoreAndSay(runIds: readonly string[]): Promise<void> {
  try {
    await restoreRuns(runIds);
    toast(`${count(runIds.length, 'run')} restored`);
  } catch (error) {
    toastError('Not restored', error);
  }
}

export interface NamedRun {
  id: string;
  name: string;
}

export function RenameDialog({ run, onClose }: { run: NamedRun; onClose: () => void }) {
  const [name, setName] = useState(run.name);
  return (
    <FormDialog title="Rename the run" action="Rename" onClose={onClose} onSubmit={() => renameRun(run.id, name)}>
      <label className="form-field">
        Name
        <input className="field" value={name} required dir="auto" onChange={(event) => setName(event.target.value)} />
      </label>
    </FormDialog>
  );
}

export function TagDialog({ runIds, onClose }: { runIds: readonly string[]; onClose: () => void }) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const submit = async () => {
    await tagRuns(runIds, key, value);
    toast(`${count(runIds.length, 'run')} tagged`);
  };
  return (
    <FormDialog title={`Tag ${count(runIds.length, 'run')}`} action="Tag" onClose={onClose} onSubmit={submit}>
      <label className="form-field">
        Key
        <input className="field" value={key} required dir="auto" onChange={(event) => setKey(event.target.value)} />
      </label>
      <label className="form-field">
        Value
        <input className="field" value={value} dir="auto" onChange={(event) => setValue(event.target.value)} />
      </label>
    </FormDialog>
  );
}

/** Dialogs about an experiment: a new one, another name, its note. */
import { useState } from 'react';
import type { Experiment } from '../../../api/index.js';
import { FormDialog } from '../../components/Dialog.js';
import { noteOf } from '../../notes/Note.js';
import { createExperiment, renameExperiment, setExperimentNote } from '../../queries/experiment-changes.js';

interface NewExperimentProps {
  onMade: (experimentId: string) => void;
  onClose: () => void;
}

export function NewExperiment({ onMade, onClose }: NewExperimentProps) {
  const [name, setName] = useState('');
  const submit = async () => {
    const { experiment_id } = await createExperiment(name.trim());
    onMade(experiment_id);
  };
  return (
    <FormDialog title="New experiment" action="Create" onClose={onClose} onSubmit={submit}>
      <label className="form-field">
        Name
        <input className="field" value={name} required dir="auto" onChange={(event) => setName(event.target.value)} />
      </label>
      <p className="muted">A name such as team-a/project puts it among those of team-a.</p>
    </FormDialog>
  );
}

interface OfExperimentProps {
  experiment: Experiment;
  onClose: () => void;
}

export function RenameExperiment({ experiment, onClose }: OfExperimentProps) {
  const [name, setName] = useState(experiment.name);
  const submit = async () => {
    await renameExperiment(experiment.experiment_id, name.trim());
  };
  return (
    <FormDialog title="Rename the experiment" action="Rename" onClose={onClose} onSubmit={submit}>
      <label className="form-field">
        Name
        <input className="field" value={name} required dir="auto" onChange={(event) => setName(event.target.value)} />
      </label>
    </FormDialog>
  );
}

export function EditNote({ experiment, onClose }: OfExperimentProps) {
  const [note, setNote] = useState(noteOf(experiment.tags) ?? '');
  const submit = async () => {
    await setExperimentNote(experiment.experiment_id, note);
  };
  return (
    <FormDialog title={`Note of ${experiment.name}`} action="Save" onClose={onClose} onSubmit={submit}>
      <label className="form-field">
        Note, in Markdown
        <textarea
          className="field"
          rows={8}
          value={note}
          dir="auto"
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
    </FormDialog>
  );
}

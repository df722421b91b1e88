/** Asks for the name of a new registered model, or a new name of one. */
import { type FormEvent, useId, useState } from 'react';
import { Dialog } from '../../components/Dialog.js';
import { client } from '../../queries/connection.js';
import { useRegistryChange } from '../../queries/registry/models.js';

interface NewModelProps {
  onClose: () => void;
  onMade: (name: string) => void;
  /** The model that is renamed. */
  renamed?: string;
}

export function NewModel({ onClose, onMade, renamed }: NewModelProps) {
  const [name, setName] = useState(renamed ?? '');
  const [description, setDescription] = useState('');
  const [error, setError] = useState<string>();
  const change = useRegistryChange();
  const id = useId();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    try {
      await change(() =>
        renamed === undefined
          ? client.createRegisteredModel({ name: wanted, ...(description && { description }) })
          : client.renameRegisteredModel({ name: renamed, new_name: wanted }),
      );
      onClose();
      onMade(wanted);
    } catch (thrown) {
      setError((thrown instanceof Error ? thrown.message : String(thrown)).replace(/ \((GET|POST) .*$/, ''));
    }
  };
  return (
    <Dialog title={renamed === undefined ? 'New model' : 'Rename the model'} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="form-row">
          Name
          <input
            className="field"
            value={name}
            required
            autoComplete="off"
            aria-describedby={`${id}-said`}
            aria-invalid={error !== undefined}
            onChange={(event) => {
              setName(event.target.value);
              setError(undefined);
            }}
          />
        </label>
        <p id={`${id}-said`} className={error ? 'field-error' : 'muted'} role={error ? 'alert' : undefined}>
          {error ?? 'Without / and : in it.'}
        </p>
        {renamed === undefined && (
          <label className="form-row">
            Description
            <textarea
              className="field"
              rows={4}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
            />
          </label>
        )}
        <div className="buttons dialog-buttons">
          <button type="submit" className="button primary">
            {renamed === undefined ? 'Create' : 'Rename'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

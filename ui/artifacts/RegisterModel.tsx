/** Registers a model that a run logged: as the next version of a registered model, which is made where there is none of the name. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { MltrackError } from '../../api/index.js';
import { Dialog } from '../components/Dialog.js';
import { versionLink } from '../links.js';
import { client } from '../queries/connection.js';
import { useModels } from '../queries/registry/models.js';

/** What is registered. */
export type ModelSource = { source: string; run_id?: string; model_id?: string };

interface RegisterModelProps {
  /** More than one: there is a choice. */
  sources: readonly { label: string; source: ModelSource }[];
  onClose: () => void;
}

export function RegisterModel({ sources, onClose }: RegisterModelProps) {
  const [name, setName] = useState('');
  const [place, setPlace] = useState(0);
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const cache = useQueryClient();
  const known = useModels('');
  const names = (known.data ?? []).map((model) => model.name);
  const id = useId();
  const register = async (event: FormEvent) => {
    event.preventDefault();
    const chosen = sources[place]?.source;
    if (!chosen || !name.trim()) return setError('A name is needed.');
    setBusy(true);
    try {
      await makeModel(name.trim());
      const { model_version } = await client.createModelVersion({ name: name.trim(), ...chosen });
      await cache.invalidateQueries({ queryKey: ['models'] });
      onClose();
      navigate(versionLink(model_version.name, model_version.version));
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Register a model" onClose={onClose}>
      <form className="form" onSubmit={register}>
        {sources.length > 1 && (
          <label className="form-row">
            Model
            <select className="field" value={place} onChange={(event) => setPlace(Number(event.target.value))}>
              {sources.map(({ label }, index) => (
                <option key={label} value={index}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
        <label className="form-row">
          Name of the registered model
          <input
            className="field"
            value={name}
            list={`${id}-names`}
            required
            autoComplete="off"
            aria-describedby={`${id}-said`}
            onChange={(event) => {
              setName(event.target.value);
              setError(undefined);
            }}
          />
        </label>
        <datalist id={`${id}-names`}>
          {names.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <p id={`${id}-said`} className={error ? 'field-error' : 'muted'} role={error ? 'alert' : undefined}>
          {error ??
            (name && names.includes(name.trim())
              ? 'It becomes the next version of this model.'
              : 'A new name makes a new registered model.')}
        </p>
        <div className="buttons dialog-buttons">
          <button type="submit" className="button primary" disabled={isBusy}>
            Register
          </button>
        </div>
      </form>
    </Dialog>
  );
}

async function makeModel(name: string): Promise<void> {
  try {
    await client.createRegisteredModel({ name });
  } catch (error) {
    if (!(error instanceof MltrackError && error.code === 'RESOURCE_ALREADY_EXISTS')) throw error;
  }
}

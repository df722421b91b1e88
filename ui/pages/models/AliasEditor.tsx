/** The aliases of a version as chips that are removed in place, with a field for one more. An alias that points elsewhere moves here. */
import { type FormEvent, useRef, useState } from 'react';
import type { ModelVersion } from '../../../api/index.js';
import { UserText } from '../../components/UserText.js';
import { client } from '../../queries/connection.js';
import { useRegistryChange } from '../../queries/registry/models.js';
import { toast, toastError } from '../../state/toasts.js';

export function AliasEditor({ version: { name, version, aliases = [] } }: { version: ModelVersion }) {
  const [draft, setDraft] = useState<string>();
  const opener = useRef<HTMLButtonElement>(null);
  const change = useRegistryChange();
  const close = () => {
    setDraft(undefined);
    requestAnimationFrame(() => opener.current?.focus());
  };
  const point = (alias: string) => change(() => client.setRegisteredModelAlias({ name, alias, version }));
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const alias = draft?.trim();
    if (!alias) return close();
    try {
      await point(alias);
      close();
    } catch (error) {
      toastError('The alias was not set', error);
    }
  };
  const remove = async (alias: string) => {
    try {
      await change(() => client.deleteRegisteredModelAlias({ name, alias }));
      toast(`Removed the alias ${alias}`, { action: { label: 'Undo', run: () => void point(alias) } });
    } catch (error) {
      toastError('The alias was not removed', error);
    }
  };
  return (
    <span className="aliases">
      {aliases.map((alias) => (
        <span key={alias} className="chip">
          <UserText text={alias} />
          <button
            type="button"
            className="chip-act"
            aria-label={`Remove the alias ${alias}`}
            onClick={() => remove(alias)}
          >
            <span aria-hidden="true">✕</span>
          </button>
        </span>
      ))}
      {draft === undefined ? (
        <button
          ref={opener}
          type="button"
          className="chip chip-add"
          aria-label={`Add an alias to version ${version}`}
          onClick={() => setDraft('')}
        >
          + alias
        </button>
      ) : (
        <form className="alias-form" onSubmit={add} onKeyDown={(event) => event.key === 'Escape' && close()}>
          <input
            className="field"
            aria-label={`New alias of version ${version}`}
            placeholder="champion"
            // biome-ignore lint/a11y/noAutofocus: it stands where the button was that asked for it
            autoFocus
            value={draft}
            onChange={(event) => setDraft(event.target.value)}
          />
          <button type="submit" className="button">
            Set
          </button>
        </form>
      )}
    </span>
  );
}

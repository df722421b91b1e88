/** Tags as a table in which each is edited and removed in its row, with a row to add one. MLflow's and our own are facts, and shown elsewhere. */
import { type FormEvent, useState } from 'react';
import type { KeyValue } from '../../api/index.js';
import { Panel } from '../components/Panel.js';
import { UserText } from '../components/UserText.js';
import { useFocusBack } from '../state/focus-back.js';
import { toastError } from '../state/toasts.js';
import { LongText } from './LongText.js';

interface TagTableProps {
  tags: readonly KeyValue[];
  onSet: (key: string, value: string) => Promise<unknown>;
  onDelete: (key: string) => Promise<unknown>;
}

export function TagTable({ tags, onSet, onDelete }: TagTableProps) {
  const [edited, setEdited] = useState<string>();
  const [isAdding, setAdding] = useState(false);
  const addButton = useFocusBack(isAdding);
  const own = tags.filter(({ key }) => !/^(mlflow|mltrack)\./.test(key)).sort((a, b) => a.key.localeCompare(b.key));
  const save = async (key: string, value: string) => {
    try {
      await onSet(key, value);
      setEdited(undefined);
      setAdding(false);
    } catch (error) {
      toastError(`The tag ${key} was not saved`, error);
    }
  };
  const remove = (key: string) => {
    // The row goes, and what had the focus with it.
    addButton.current?.focus();
    onDelete(key).catch((error) => toastError(`The tag ${key} was not removed`, error));
  };
  const add = (
    <button ref={addButton} type="button" className="button" onClick={() => setAdding(true)} disabled={isAdding}>
      Add tag
    </button>
  );
  return (
    <Panel title={own.length > 0 ? `Tags (${own.length})` : 'Tags'} aside={add}>
      {isAdding && <NewTag onSave={save} onCancel={() => setAdding(false)} />}
      {own.length === 0 && !isAdding && <p className="panel-empty muted">There are no tags.</p>}
      {own.length > 0 && (
        <table className="key-table" aria-label="Tags">
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Value</th>
              <th scope="col">
                <span className="visually-hidden">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {own.map((tag) => (
              <TagRow
                key={tag.key}
                tag={tag}
                isEdited={edited === tag.key}
                onEdit={setEdited}
                onSave={save}
                onDelete={remove}
              />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

interface TagRowProps {
  tag: KeyValue;
  isEdited: boolean;
  onEdit: (key: string | undefined) => void;
  onSave: (key: string, value: string) => void;
  onDelete: (key: string) => void;
}

function TagRow({ tag: { key, value }, isEdited, onEdit, onSave, onDelete }: TagRowProps) {
  const editButton = useFocusBack(isEdited);
  return (
    <tr className="acting-row">
      <th scope="row">
        <UserText text={key} cut="middle" />
      </th>
      {isEdited ? (
        <td colSpan={2}>
          <ValueForm
            label={`Value of ${key}`}
            value={value}
            onSave={(changed) => onSave(key, changed)}
            onCancel={() => onEdit(undefined)}
          />
        </td>
      ) : (
        <>
          <td>
            <LongText text={value} />
          </td>
          <td className="row-acts">
            <button
              ref={editButton}
              type="button"
              className="button quiet"
              aria-label={`Edit ${key}`}
              onClick={() => onEdit(key)}
            >
              Edit
            </button>
            <button type="button" className="button quiet" aria-label={`Remove ${key}`} onClick={() => onDelete(key)}>
              ✕
            </button>
          </td>
        </>
      )}
    </tr>
  );
}

interface ValueFormProps {
  label: string;
  value: string;
  onSave: (value: string) => void;
  onCancel: () => void;
}

function ValueForm({ label, value, onSave, onCancel }: ValueFormProps) {
  const [text, setText] = useState(value);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave(text);
  };
  return (
    <form className="inline-form" onSubmit={submit} onKeyDown={(event) => event.key === 'Escape' && onCancel()}>
      <input
        className="field"
        aria-label={label}
        value={text}
        // biome-ignore lint/a11y/noAutofocus: it stands where the button was that asked for it
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="button">
        Save
      </button>
      <button type="button" className="button quiet" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}

function NewTag({ onSave, onCancel }: { onSave: (key: string, value: string) => void; onCancel: () => void }) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim()) onSave(key.trim(), value);
  };
  return (
    <form
      className="inline-form panel-empty"
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && onCancel()}
    >
      <input
        className="field"
        aria-label="Key of the new tag"
        placeholder="Key"
        value={key}
        required
        // biome-ignore lint/a11y/noAutofocus: it comes with the button that asked for it
        autoFocus
        onChange={(event) => setKey(event.target.value)}
      />
      <input
        className="field"
        aria-label="Value of the new tag"
        placeholder="Value"
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <button type="submit" className="button">
        Save
      </button>
      <button type="button" className="button quiet" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}

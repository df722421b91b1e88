/** A note as Markdown, edited in its place. */
import { useState } from 'react';
import { Panel } from '../components/Panel.js';
import { useFocusBack } from '../state/focus-back.js';
import { toastError } from '../state/toasts.js';
import { Markdown } from './Markdown.js';

interface NoteEditorProps {
  title: string;
  text: string;
  empty: string;
  onSave: (text: string) => Promise<unknown>;
}

export function NoteEditor({ title, text, empty, onSave }: NoteEditorProps) {
  const [draft, setDraft] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const button = useFocusBack(draft !== undefined);
  const save = async () => {
    setBusy(true);
    try {
      await onSave(draft ?? '');
      setDraft(undefined);
    } catch (error) {
      toastError('The note was not saved', error);
    } finally {
      setBusy(false);
    }
  };
  const edit = draft === undefined && (
    <button ref={button} type="button" className="button" onClick={() => setDraft(text)}>
      Edit<span className="visually-hidden"> {title.toLowerCase()}</span>
    </button>
  );
  if (draft === undefined) {
    return (
      <Panel title={title} aside={edit}>
        <div className="panel-note">{text ? <Markdown text={text} /> : <p className="muted">{empty}</p>}</div>
      </Panel>
    );
  }
  return (
    <Panel title={title}>
      <div className="panel-note note-form">
        <textarea
          className="field"
          aria-label={`${title}, in Markdown`}
          rows={8}
          dir="auto"
          // biome-ignore lint/a11y/noAutofocus: it stands where the button was that asked for it
          autoFocus
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setDraft(undefined);
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
          }}
        />
        <div className="buttons">
          <button type="button" className="button primary" disabled={isBusy} onClick={save}>
            Save
          </button>
          <button type="button" className="button" onClick={() => setDraft(undefined)}>
            Cancel
          </button>
          <span className="muted">Markdown · Ctrl+Enter saves</span>
        </div>
      </div>
    </Panel>
  );
}

/** The note of an experiment or a run, as the plain text it is stored as. */
import type { KeyValue } from '../../api/index.js';

/** Nothing where there is no note. Of a long note the first line is seen, until it is opened. */
export function Note({ tags }: { tags: readonly KeyValue[] | undefined }) {
  const note = noteOf(tags);
  if (!note) return null;
  const [first = ''] = note.split('\n');
  if (first === note) return <NoteText text={note} />;
  return (
    <details className="note-details">
      <summary>
        <bdi dir="auto">{first}</bdi>
      </summary>
      <NoteText text={note} />
    </details>
  );
}

export const noteOf = (tags: readonly KeyValue[] | undefined) =>
  tags?.find(({ key }) => key === 'mlflow.note.content')?.value.trim();

export function NoteText({ text }: { text: string }) {
  return (
    <p className="note" dir="auto">
      {text}
    </p>
  );
}

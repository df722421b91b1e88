/** The saved views of an experiment: one opens with everything the page showed when it was saved. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormDialog } from '../../../components/Dialog.js';
import { Menu, type MenuItem } from '../../../components/Menu.js';
import { client } from '../../../queries/connection.js';
import type { RunScope } from '../../../state/run-scope.js';
import { toast, toastError } from '../../../state/toasts.js';

/** What a view never remembers: where it is, and which runs were picked just now. */
const LEFT_OUT = ['v', 'exp', 'sel'];

export function ViewsMenu({ scope }: { scope: RunScope }) {
  const [isSaving, setSaving] = useState(false);
  const [isWanted, setWanted] = useState(false);
  const queries = useQueryClient();
  const experiment = scope.experimentIds.length === 1 ? scope.experimentIds[0] : undefined;
  const key = ['views', experiment ?? null];
  const place = experiment === undefined ? {} : { experiment_id: experiment };
  const views = useQuery({
    queryKey: key,
    queryFn: async () => (await client.listViews(place)).views ?? [],
    staleTime: 60_000,
    enabled: isWanted,
  });
  const open = (query: string) => {
    const wanted = new URLSearchParams(query);
    const now = new URLSearchParams(scope.text);
    const names = new Set([...now.keys(), ...wanted.keys()].filter((name) => !LEFT_OUT.includes(name)));
    scope.set(Object.fromEntries([...names].map((name) => [name, wanted.get(name) ?? undefined])), { isPush: true });
  };
  const remove = async (view_id: string, name: string) => {
    try {
      await client.deleteView({ view_id });
      await queries.invalidateQueries({ queryKey: key });
      toast(`View “${name}” deleted`);
    } catch (error) {
      toastError('Not deleted', error);
    }
  };
  const items: MenuItem[] = [
    ...(views.data ?? []).map(({ name = '', query }) => ({ label: name, run: () => open(query) })),
    { label: 'Save this view…', run: () => setSaving(true) },
    { label: 'Plain view', run: () => open('') },
    ...(views.data ?? []).map(({ view_id, name = '' }) => ({
      label: `Delete “${name}”`,
      isDangerous: true,
      run: () => remove(view_id, name),
    })),
  ];
  const save = async (name: string) => {
    const query = new URLSearchParams(scope.text);
    for (const field of LEFT_OUT) query.delete(field);
    await client.createView({ ...place, name, query: query.toString() || 'view=table' });
    await queries.invalidateQueries({ queryKey: key });
    toast(`View “${name}” saved`);
  };
  return (
    <>
      <Menu label="Views" items={items} onOpen={() => setWanted(true)} />
      {isSaving && <SaveDialog onSave={save} onClose={() => setSaving(false)} />}
    </>
  );
}

function SaveDialog({ onSave, onClose }: { onSave: (name: string) => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState('');
  return (
    <FormDialog title="Save this view" action="Save" onClose={onClose} onSubmit={() => onSave(name.trim())}>
      <p className="muted">Filter, order, columns, groups and charts, for everyone who opens it.</p>
      <label className="form-field">
        Name
        <input
          className="field"
          value={name}
          required
          maxLength={250}
          dir="auto"
          onChange={(event) => setName(event.target.value)}
        />
      </label>
    </FormDialog>
  );
}

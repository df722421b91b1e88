/** What was deleted: each thing comes back, or goes for good with its artifacts. */
import { useState } from 'react';
import type { TrashItem } from '../../../api/index.js';
import { Confirm } from '../../components/Confirm.js';
import { Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { Panel } from '../../components/Panel.js';
import { Time } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { isRestorable, useRemoveForGood, useRestore, useTrash } from '../../queries/settings/trash.js';
import { toast, toastError } from '../../state/toasts.js';

const KIND: Record<TrashItem['kind'], string> = { EXPERIMENT: 'Experiment', RUN: 'Run', LOGGED_MODEL: 'Logged model' };

const nameOf = ({ name, id }: TrashItem) => name || id;
const counted = (n: number) => `${n.toLocaleString('en')} ${n === 1 ? 'thing' : 'things'}`;

export function TrashPanel() {
  const query = useTrash();
  const [asked, setAsked] = useState<TrashItem | 'all'>();
  const restore = useRestore();
  const remove = useRemoveForGood();
  const bringBack = (item: TrashItem) =>
    restore.mutate(item, {
      onSuccess: () => toast(`${nameOf(item)} is restored`),
      onError: (error) => toastError(`Could not restore ${nameOf(item)}`, error),
    });
  const removeForGood = (what: TrashItem | 'all') =>
    remove.mutate(what, {
      onSuccess: ({ experiments, runs, logged_models }) =>
        toast(`${counted(experiments + runs + logged_models)} removed for good`),
      onError: (error) => toastError('Could not remove for good', error),
    });
  const total = query.data?.total ?? 0;
  return (
    <Panel
      title="Trash"
      aside={
        total > 0 && (
          <button type="button" className="button danger" disabled={remove.isPending} onClick={() => setAsked('all')}>
            Empty the trash
          </button>
        )
      }
    >
      <Loaded query={query} what="the trash" skeleton={<Skeleton rows={3} />}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="settings-text muted">Nothing is deleted.</p>
          ) : (
            <>
              <TrashTable items={items} onRestore={bringBack} onRemove={setAsked} />
              <p className="settings-text muted">
                {items.length < total ? `${items.length} of ${total.toLocaleString('en')}` : counted(total)}{' '}
                {query.hasNextPage && (
                  <button type="button" className="button" onClick={() => query.fetchNextPage()}>
                    Show more
                  </button>
                )}
              </p>
            </>
          )
        }
      </Loaded>
      {asked && (
        <Confirm
          title={asked === 'all' ? 'Empty the trash?' : `Remove ${nameOf(asked)} for good?`}
          action="Remove for good"
          onConfirm={() => removeForGood(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>
            {asked === 'all' ? `${counted(total)}, with everything that was logged,` : 'Everything that was logged'} and
            the artifacts that this server keeps are removed. This cannot be undone.
          </p>
        </Confirm>
      )}
    </Panel>
  );
}

interface TrashTableProps {
  items: readonly TrashItem[];
  onRestore: (item: TrashItem) => void;
  onRemove: (item: TrashItem) => void;
}

function TrashTable({ items, onRestore, onRemove }: TrashTableProps) {
  return (
    <table className="plain-table">
      <caption className="visually-hidden">Deleted things</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">What</th>
          <th scope="col">Deleted</th>
          <th scope="col">
            <span className="visually-hidden">What to do</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={`${item.kind} ${item.id}`}>
            <th scope="row">
              <UserText text={nameOf(item)} cut="middle" />
            </th>
            <td>{KIND[item.kind]}</td>
            <td>
              <Time at={item.deletion_time} />
            </td>
            <td className="plain-table-end">
              <div className="buttons">
                {isRestorable(item) && (
                  <button type="button" className="button" onClick={() => onRestore(item)}>
                    Restore<span className="visually-hidden"> {nameOf(item)}</span>
                  </button>
                )}
                <button type="button" className="button danger" onClick={() => onRemove(item)}>
                  Remove<span className="visually-hidden"> {nameOf(item)} for good</span>
                </button>
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

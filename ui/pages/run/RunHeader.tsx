/** The head of a run's page: its colour, its name to be changed in place, its facts in one line, and the ways to its neighbours. */
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Run } from '../../../api/index.js';
import { Status } from '../../components/Status.js';
import { Duration, Time } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { count } from '../../display/numbers.js';
import { type RunTab, runLink } from '../../links.js';
import { client } from '../../queries/connection.js';
import { useChildRuns, useRunChange } from '../../queries/run-page.js';
import { useRun } from '../../queries/runs.js';
import { useFocusBack } from '../../state/focus-back.js';
import { neighboursOf, type RunAddress } from '../../state/run-order.js';
import { useShortcuts } from '../../state/shortcuts.js';
import { toastError } from '../../state/toasts.js';
import { RunMenu } from './RunMenu.js';

export function RunHeader({ run, tab }: { run: Run; tab: RunTab }) {
  const { info } = run;
  const tag = (key: string) => run.data.tags?.find((each) => each.key === key)?.value;
  const colour = tag('mlflow.runColor');
  const parent = tag('mlflow.parentRunId');
  const children = useChildRuns(info.experiment_id, info.run_id);
  const childCount = children.data?.total ?? 0;
  return (
    <>
      <header className="page-header">
        <span
          className="run-dot"
          aria-hidden="true"
          style={{ background: colour && /^#[0-9a-f]{6}$/i.test(colour) ? colour : 'var(--run-1)' }}
        />
        <RunName run={run} />
        {info.lifecycle_stage === 'deleted' && <span className="badge">Deleted</span>}
        <span className="page-header-end">
          <Neighbours runId={info.run_id} tab={tab} />
          <RunMenu run={run} />
        </span>
      </header>
      <dl className="run-line">
        <div>
          <dt className="visually-hidden">Status</dt>
          <dd>
            <Status status={info.status} />
          </dd>
        </div>
        <div>
          <dt>Duration</dt>
          <dd>
            <Duration start={info.start_time} end={info.end_time} isRunning={info.status === 'RUNNING'} />
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <Time at={info.start_time} />
          </dd>
        </div>
        {info.user_id && (
          <div>
            <dt>User</dt>
            <dd>
              <UserText text={info.user_id} />
            </dd>
          </div>
        )}
        {parent && (
          <div>
            <dt>Parent</dt>
            <dd>
              <Parent experimentId={info.experiment_id} runId={parent} />
            </dd>
          </div>
        )}
        {childCount > 0 && (
          <div>
            <dt>Children</dt>
            <dd>
              <Link href={runLink(info.experiment_id, info.run_id)}>{count(childCount, 'run')}</Link>
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

function Parent({ experimentId, runId }: { experimentId: string; runId: string }) {
  const { data } = useRun(runId);
  return (
    <Link href={runLink(experimentId, runId)}>
      <UserText text={data?.info.run_id === runId ? data.info.run_name || runId : runId} cut="middle" />
    </Link>
  );
}

function RunName({ run: { info } }: { run: Run }) {
  const [draft, setDraft] = useState<string>();
  const button = useFocusBack(draft !== undefined);
  const change = useRunChange(info.run_id);
  const name = info.run_name || info.run_id;
  useShortcuts([{ chord: 'e', label: 'Rename the run', group: 'Run', run: () => setDraft(info.run_name) }]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = draft?.trim();
    setDraft(undefined);
    if (!wanted || wanted === info.run_name) return;
    try {
      await change(() => client.updateRun({ run_id: info.run_id, run_name: wanted }));
    } catch (error) {
      toastError('The run was not renamed', error);
    }
  };
  if (draft !== undefined) {
    return (
      <>
        <h1 className="visually-hidden">{name}</h1>
        <form
          className="inline-form rename"
          onSubmit={save}
          onKeyDown={(event) => event.key === 'Escape' && setDraft(undefined)}
        >
          <input
            className="field"
            aria-label="Name of the run"
            dir="auto"
            // biome-ignore lint/a11y/noAutofocus: it stands where the name was that is changed
            autoFocus
            onFocus={(event) => event.target.select()}
            value={draft}
            onChange={(event) => setDraft(event.target.value)}
          />
          <button type="submit" className="button">
            Save
          </button>
          <button type="button" className="button quiet" onClick={() => setDraft(undefined)}>
            Cancel
          </button>
        </form>
      </>
    );
  }
  return (
    <>
      <h1>
        <UserText text={name} cut="middle" />
      </h1>
      <button ref={button} type="button" className="button quiet rename-button" onClick={() => setDraft(info.run_name)}>
        <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
          <path d="M3 13l.7-3L10.500 3.200l2.300 2.300L6 12.300z" />
        </svg>
        <span className="visually-hidden">Rename</span>
      </button>
    </>
  );
}

/** In the order of the table that the run was opened from. */
function Neighbours({ runId, tab }: { runId: string; tab: RunTab }) {
  const [, navigate] = useLocation();
  const found = neighboursOf(runId);
  const go = (to: RunAddress | undefined) => to && navigate(runLink(to.experimentId, to.runId, { tab }));
  useShortcuts([
    { chord: 'K', label: 'Previous run of the table', group: 'Run', run: () => go(found?.previous) },
    { chord: 'J', label: 'Next run of the table', group: 'Run', run: () => go(found?.next) },
  ]);
  if (!found || found.total < 2) return null;
  const button = (to: RunAddress | undefined, label: string, sign: string) => (
    <button
      type="button"
      className="button quiet"
      aria-label={label}
      title={label}
      disabled={!to}
      onClick={() => go(to)}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
  return (
    <span className="neighbours">
      {button(found.previous, 'Previous run (K)', '↑')}
      <span className="muted">
        {found.place.toLocaleString('en')} of {found.total.toLocaleString('en')}
      </span>
      {button(found.next, 'Next run (J)', '↓')}
    </span>
  );
}

/** A look at one run beside the table, which stays: its facts, metrics and params. It follows the active row. */
import { Link } from 'wouter';
import { Skeleton } from '../../../components/Empty.js';
import { Loaded } from '../../../components/Loaded.js';
import { Status } from '../../../components/Status.js';
import { Duration, Time } from '../../../components/Time.js';
import { UserText } from '../../../components/UserText.js';
import { fullNumber, shortNumber } from '../../../display/numbers.js';
import { runLink } from '../../../links.js';
import { useRun } from '../../../queries/runs.js';

interface PeekProps {
  runId: string;
  experimentId: string;
  onClose: () => void;
}

/** Rows of each list; the run's page has the rest. */
const MOST = 60;

export function Peek({ runId, experimentId, onClose }: PeekProps) {
  const query = useRun(runId);
  return (
    <aside className="peek" aria-label="Peek">
      <header className="peek-header">
        <h2>
          <Link href={runLink(experimentId, runId)}>
            <UserText text={query.data?.info.run_name ?? runId} cut="middle" />
          </Link>
        </h2>
        <button type="button" className="button quiet" onClick={onClose}>
          Close
        </button>
      </header>
      <Loaded query={query} what="the run" skeleton={<Skeleton rows={10} />}>
        {({ info, data }) => (
          <>
            <p className="peek-facts">
              <Status status={info.status} />
              <Time at={info.start_time} />
              <Duration start={info.start_time} end={info.end_time} isRunning={info.status === 'RUNNING'} />
            </p>
            <PeekList
              title="Metrics"
              rows={(data.metrics ?? []).map(({ key, value }) => [key, shortNumber(value), fullNumber(value)])}
            />
            <PeekList title="Params" rows={(data.params ?? []).map(({ key, value }) => [key, value, value])} />
          </>
        )}
      </Loaded>
    </aside>
  );
}

type PeekRow = [key: string, shown: string, full: string];

function PeekList({ title, rows }: { title: string; rows: PeekRow[] }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl className="peek-list">
        {rows.slice(0, MOST).map(([key, shown, full]) => (
          <div key={key}>
            <dt>
              <UserText text={key} cut="middle" />
            </dt>
            <dd title={full}>
              <UserText text={shown} />
            </dd>
          </div>
        ))}
      </dl>
      {rows.length > MOST && <p className="muted">and {(rows.length - MOST).toLocaleString('en')} more</p>}
    </section>
  );
}

/** A look at one run beside the table, which stays: its facts, metrics with the shape of their curves, and params. It follows the active row. */
import { Link } from 'wouter';
import type { Curve, Metric } from '../../../../api/index.js';
import { Skeleton } from '../../../components/Empty.js';
import { Loaded } from '../../../components/Loaded.js';
import { Status } from '../../../components/Status.js';
import { Duration, Time } from '../../../components/Time.js';
import { UserText } from '../../../components/UserText.js';
import { fullNumber, shortNumber } from '../../../display/numbers.js';
import { runLink } from '../../../links.js';
import { CURVES_AT_ONCE, useSmallCurves } from '../../../queries/run-page.js';
import { useRun } from '../../../queries/runs.js';
import { Sparkline } from '../../run/Sparkline.js';

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
            <PeekMetrics runId={runId} metrics={data.metrics ?? []} />
            <PeekList
              title="Params"
              rows={(data.params ?? []).map(({ key, value }) => ({ key, shown: value, full: value }))}
            />
          </>
        )}
      </Loaded>
    </aside>
  );
}

function PeekMetrics({ runId, metrics }: { runId: string; metrics: readonly Metric[] }) {
  const keys = metrics.slice(0, CURVES_AT_ONCE).map(({ key }) => key);
  const curves = useSmallCurves(runId, keys, keys.length > 0);
  const rows = metrics.map(({ key, value }) => ({
    key,
    shown: shortNumber(value),
    full: fullNumber(value),
    curve: curves.data?.get(key),
  }));
  return <PeekList title="Metrics" rows={rows} hasCurves />;
}

interface PeekRow {
  key: string;
  shown: string;
  full: string;
  curve?: Curve | undefined;
}

function PeekList({ title, rows, hasCurves = false }: { title: string; rows: PeekRow[]; hasCurves?: boolean }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl className={hasCurves ? 'peek-list peek-curves' : 'peek-list'}>
        {rows.slice(0, MOST).map(({ key, shown, full, curve }) => (
          <div key={key}>
            <dt>
              <UserText text={key} cut="middle" />
            </dt>
            {hasCurves && (
              <dd aria-hidden="true">
                <Sparkline curve={curve} />
              </dd>
            )}
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

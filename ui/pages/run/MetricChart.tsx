/** One metric of a run as a curve, or as a table of its values. Work starts when it comes near what is seen. */
import { lazy, Suspense, useMemo, useState } from 'react';
import type { Metric, RunInfo } from '../../../api/index.js';
import { Empty, Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { ErrorBoundary } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { fullNumber, shortNumber } from '../../display/numbers.js';
import { describe, type Series, seriesOf, summaryOf, type XAxis } from '../../display/series.js';
import { exactTime } from '../../display/times.js';
import { useMetricHistory } from '../../queries/metrics.js';
import { useNear } from '../../state/near.js';

const Plot = lazy(() => import('./Plot.js'));

interface MetricChartProps {
  run: RunInfo;
  /** The metric's latest value, as the run carries it. */
  latest: Metric;
  axis: XAxis;
}

export function MetricChart({ run, latest, axis }: MetricChartProps) {
  const [ref, isNear] = useNear<HTMLElement>();
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className="chart" ref={ref} aria-label={`${latest.key}, ${run.run_name}`}>
      <figcaption className="chart-caption">
        <UserText text={latest.key} cut="middle" />
        <span className="chart-latest" title={fullNumber(latest.value)}>
          {shortNumber(latest.value)}
        </span>
        <button type="button" className="button quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          Table<span className="visually-hidden"> of {latest.key}</span>
        </button>
      </figcaption>
      <div className="chart-body">
        <ErrorBoundary what={latest.key}>
          {isNear && <Curve run={run} latest={latest} axis={axis} asTable={asTable} />}
        </ErrorBoundary>
      </div>
    </figure>
  );
}

function Curve({ run, latest, axis, asTable }: MetricChartProps & { asTable: boolean }) {
  const query = useMetricHistory(run.run_id, run.status, latest);
  return (
    <Loaded query={query} what={latest.key} skeleton={<Skeleton rows={1} height={160} />}>
      {(metrics) => <Drawn name={latest.key} metrics={metrics} axis={axis} asTable={asTable} />}
    </Loaded>
  );
}

interface DrawnProps {
  name: string;
  metrics: Metric[];
  axis: XAxis;
  asTable: boolean;
}

function Drawn({ name, metrics, axis, asTable }: DrawnProps) {
  const series = useMemo(() => seriesOf(metrics, axis), [metrics, axis]);
  const summary = useMemo(() => summaryOf(series.points), [series]);
  if (!summary) return <Empty title="No values" />;
  if (asTable) return <Values name={name} series={series} />;
  return (
    <>
      <p className="visually-hidden">{describe(summary)}</p>
      <Suspense fallback={<Skeleton rows={1} height={160} />}>
        <Plot series={series} axis={axis} />
      </Suspense>
      {summary.holes > 0 && (
        <p className="chart-note muted">{summary.holes} of these values are NaN or infinite; the line breaks there.</p>
      )}
    </>
  );
}

function Values({ name, series }: { name: string; series: Series }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="chart-table" aria-label={`Values of ${name}`} tabIndex={0}>
      <table className="key-table" aria-label={`Values of ${name}`}>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" className="align-end">
              Value
            </th>
            <th scope="col" className="align-end">
              Logged
            </th>
          </tr>
        </thead>
        <tbody>
          {series.points.map(({ step, value, timestamp }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one step may hold the same value twice
            <tr key={index}>
              <td>{String(step)}</td>
              <td className="align-end">{fullNumber(value)}</td>
              <td className="align-end">{exactTime(Number(timestamp))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The metrics of a run: last, least and greatest value, each with its step, and the shape of the curve. */
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Curve, Metric, Run } from '../../../api/index.js';
import { Panel } from '../../components/Panel.js';
import { SearchField } from '../../components/SearchField.js';
import { Nothing } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { fullNumber, isDrawable, shortNumber } from '../../display/numbers.js';
import { runLink } from '../../links.js';
import { CURVES_AT_ONCE, useSmallCurves } from '../../queries/run-page.js';
import { useNear } from './near.js';
import { Sparkline } from './Sparkline.js';

const SEARCH_FROM = 11;
const collator = new Intl.Collator('en', { numeric: true });

export function MetricsTable({ run }: { run: Run }) {
  const [sought, setSought] = useState('');
  const [shown, setShown] = useState(CURVES_AT_ONCE);
  const { experiment_id, run_id } = run.info;
  const all = [...(run.data.metrics ?? [])].sort((a, b) => collator.compare(a.key, b.key));
  const found = all.filter(({ key }) => key.toLowerCase().includes(sought.trim().toLowerCase()));
  const parts = Array.from({ length: Math.ceil(Math.min(shown, found.length) / CURVES_AT_ONCE) }, (_, part) =>
    found.slice(part * CURVES_AT_ONCE, (part + 1) * CURVES_AT_ONCE),
  );
  const aside = (
    <span className="panel-aside">
      {all.length >= SEARCH_FROM && <SearchField label="Search metrics" value={sought} onChange={setSought} />}
      {all.length > 0 && <Link href={runLink(experiment_id, run_id, { tab: 'metrics' })}>Curves</Link>}
    </span>
  );
  return (
    <Panel title={all.length > 0 ? `Metrics (${all.length.toLocaleString('en')})` : 'Metrics'} aside={aside}>
      {all.length === 0 && <p className="panel-empty muted">This run has logged no metrics.</p>}
      {all.length > 0 && found.length === 0 && <p className="panel-empty muted">None matches the search.</p>}
      {found.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <section className="scroll-sideways" aria-label="Metrics" tabIndex={0}>
          <table className="key-table metrics-table" aria-label="Metrics">
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col" className="align-end">
                  Last
                </th>
                <th scope="col" className="align-end">
                  Min
                </th>
                <th scope="col" className="align-end">
                  Max
                </th>
                <th scope="col">Curve</th>
              </tr>
            </thead>
            {parts.map((metrics) => (
              <Rows key={metrics[0]?.key} runId={run_id} metrics={metrics} />
            ))}
          </table>
        </section>
      )}
      {shown < found.length && (
        <button type="button" className="button panel-more" onClick={() => setShown(shown + CURVES_AT_ONCE)}>
          Show more of {found.length.toLocaleString('en')}
        </button>
      )}
    </Panel>
  );
}

function Rows({ runId, metrics }: { runId: string; metrics: readonly Metric[] }) {
  const [ref, isNear] = useNear<HTMLTableSectionElement>();
  const wasNear = useRef(false);
  useEffect(() => {
    if (isNear) wasNear.current = true;
  }, [isNear]);
  const keys = [...new Set(metrics.map(({ key }) => key))];
  const { data } = useSmallCurves(runId, keys, isNear || wasNear.current);
  return (
    <tbody ref={ref}>
      {metrics.map((metric, index) => {
        const { key, value, step } = metric;
        const curve = data?.get(key);
        const extremes = curve && extremesOf(curve);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a metric may be there once for each data set
          <tr key={`${index} ${key}`}>
            <th scope="row">
              <UserText text={key} cut="middle" />
            </th>
            <td className="align-end">
              <Value value={value} at={String(step)} />
            </td>
            <td className="align-end">{extremes ? <Extreme of={extremes.min} /> : curve ? <Nothing /> : '…'}</td>
            <td className="align-end">{extremes ? <Extreme of={extremes.max} /> : curve ? <Nothing /> : '…'}</td>
            <td>
              <Sparkline curve={curve} />
            </td>
          </tr>
        );
      })}
    </tbody>
  );
}

function Value({ value, at }: { value: number; at: string }) {
  return (
    <span className="value-at">
      <span title={fullNumber(value)}>{shortNumber(value)}</span>{' '}
      <span className="at-step muted">
        <span aria-hidden="true">@</span>
        <span className="visually-hidden">at step </span>
        {at}
      </span>
    </span>
  );
}

interface ValueAt {
  value: number;
  /** A step, or "about" one where a bucket of several steps has the value. */
  at: string;
}

const Extreme = ({ of }: { of: ValueAt }) => <Value value={of.value} at={of.at} />;

/** Undefined when no value is finite. */
function extremesOf(curve: Curve): { min: ValueAt; max: ValueAt } | undefined {
  const { steps = [], last = [], n = [], bucket_steps } = curve;
  const isWhole = n.length === 0;
  const find = (values: readonly number[], isBetter: (a: number, b: number) => boolean): ValueAt | undefined => {
    let best = -1;
    values.forEach((value, index) => {
      if (isDrawable(value) && (best < 0 || isBetter(value, values[best] as number))) best = index;
    });
    if (best < 0) return undefined;
    const isExact = isWhole || Number(n[best]) === 1 || Number(bucket_steps) <= 1;
    return { value: values[best] as number, at: `${isExact ? '' : '~'}${steps[best]}` };
  };
  const min = find(isWhole ? last : (curve.min ?? []), (a, b) => a < b);
  const max = find(isWhole ? last : (curve.max ?? []), (a, b) => a > b);
  return min && max && { min, max };
}

/** The curves of a run, grouped by what stands before the first slash of their names. */
import { type MouseEvent, type ReactNode, useState } from 'react';
import type { Metric, Run } from '../../../api/index.js';
import { Empty } from '../../components/Empty.js';
import { SearchField } from '../../components/SearchField.js';
import { count } from '../../display/numbers.js';
import type { XAxis } from '../../display/series.js';
import { useSearchParam } from '../../state/search-param.js';
import { MetricChart } from './MetricChart.js';

/** Sections that are open at first, of a run with more metrics than are taken in at a glance. */
const OPEN_AT_FIRST = 2;
const GLANCE = 24;
const SEARCH_FROM = 7;

export function RunMetrics({ run }: { run: Run }) {
  const [xParam, setX] = useSearchParam('x');
  const [sought, setSought] = useSearchParam('charts');
  const axis: XAxis = xParam === 'time' ? 'time' : 'step';
  const metrics = uniqueByKey(run.data.metrics ?? []);
  const found = metrics.filter(({ key }) => key.toLowerCase().includes(sought.toLowerCase()));
  if (metrics.length === 0) {
    return (
      <Empty title="No metrics">
        <p>This run has logged none{run.info.status === 'RUNNING' && ' yet; they appear here by themselves'}.</p>
      </Empty>
    );
  }
  return (
    <>
      <div className="toolbar">
        {metrics.length >= SEARCH_FROM && <SearchField label="Search charts" value={sought} onChange={setSought} />}
        <fieldset className="segments">
          <legend className="visually-hidden">Horizontal axis</legend>
          {(['step', 'time'] as const).map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="x-axis"
                checked={axis === each}
                onChange={() => setX(each === 'time' ? 'time' : '')}
              />
              {each === 'step' ? 'Step' : 'Relative time'}
            </label>
          ))}
        </fieldset>
        <p className="toolbar-end muted" role="status">
          {found.length < metrics.length && `${count(found.length, 'chart')} of `}
          {count(metrics.length, 'metric')}
        </p>
      </div>
      {found.length === 0 && <Empty title="No metric matches the search" />}
      {sections(found).map(([prefix, members], index) => (
        <Section
          key={prefix}
          prefix={prefix}
          isOpenAtFirst={index < OPEN_AT_FIRST || found.length <= GLANCE}
          count={members.length}
        >
          {members.map((metric) => (
            <MetricChart key={metric.key} run={run.info} latest={metric} axis={axis} />
          ))}
        </Section>
      ))}
    </>
  );
}

interface SectionProps {
  prefix: string;
  isOpenAtFirst: boolean;
  count: number;
  children: ReactNode;
}

function Section({ prefix, isOpenAtFirst, count: members, children }: SectionProps) {
  const [chosen, setChosen] = useState<boolean>();
  const isOpen = chosen ?? isOpenAtFirst;
  const toggle = (event: MouseEvent) => {
    event.preventDefault();
    setChosen(!isOpen);
  };
  return (
    <details className="chart-section" open={isOpen}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button */}
      <summary onClick={toggle}>
        <h2>{prefix ? <bdi dir="auto">{prefix}</bdi> : 'Metrics'}</h2> <span className="muted">{members}</span>
      </summary>
      {isOpen && <div className="charts">{children}</div>}
    </details>
  );
}

/** A metric logged for several data sets or models has one latest value for each; the newest stands for the curve. */
function uniqueByKey(metrics: readonly Metric[]): Metric[] {
  const newest = new Map<string, Metric>();
  for (const metric of metrics) {
    const known = newest.get(metric.key);
    if (!known || Number(metric.timestamp) > Number(known.timestamp)) newest.set(metric.key, metric);
  }
  return [...newest.values()];
}

const collator = new Intl.Collator('en', { numeric: true });

/** Names without a slash first, then by prefix; the machine's own metrics last. */
function sections(metrics: readonly Metric[]): [prefix: string, members: Metric[]][] {
  const groups = new Map<string, Metric[]>();
  for (const metric of [...metrics].sort((a, b) => collator.compare(a.key, b.key))) {
    const slash = metric.key.indexOf('/');
    const prefix = slash > 0 ? metric.key.slice(0, slash) : '';
    groups.set(prefix, [...(groups.get(prefix) ?? []), metric]);
  }
  return [...groups].sort(([a], [b]) => Number(a === 'system') - Number(b === 'system') || collator.compare(a, b));
}

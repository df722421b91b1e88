/** The best runs within the brushes as bars of the target, from zero. */
import { Link } from 'wouter';
import type { Goal } from '../../../analysis/goals.js';
import type { NumberColumn, RunFrame } from '../../../analysis/run-frame.js';
import { UserText } from '../../../components/UserText.js';
import { fullNumber, shortNumber } from '../../../display/numbers.js';
import { runLink } from '../../../links.js';
import type { Marked } from './marked.js';

const MOST = 50;

interface BestRunsProps {
  frame: RunFrame;
  target: NumberColumn;
  goal: Goal;
  /** Runs within the brushes that have the target, the best first. */
  walk: readonly number[];
  marked: Marked;
}

export function BestRuns({ frame, target, goal, walk, marked }: BestRunsProps) {
  const shown = walk.slice(0, MOST);
  const values = shown.map((run) => target.values[run] as number);
  const low = Math.min(0, ...values);
  const span = Math.max(0, ...values) - low || 1;
  const share = (value: number) => ((value - low) / span) * 100;
  const zero = share(0);
  if (shown.length === 0) return <p className="muted">No run within the brushes has a value of this metric.</p>;
  return (
    <>
      <ol className="best-runs" aria-label={goal === 'max' ? 'Runs, the highest first' : 'Runs, the lowest first'}>
        {shown.map((run, place) => {
          const value = values[place] as number;
          return (
            <li
              key={frame.ids[run]}
              className={run === marked.run ? 'best-run best-run-marked' : 'best-run'}
              onPointerEnter={() => marked.point(run)}
              onPointerLeave={() => marked.point(undefined)}
            >
              <Link href={runLink(frame.experimentIds[run] ?? '', frame.ids[run] ?? '')}>
                <UserText text={frame.names[run] ?? ''} cut="middle" />
              </Link>
              <span className="best-track">
                <span
                  className="best-bar"
                  style={{
                    left: `${Math.min(zero, share(value))}%`,
                    width: `${Math.max(0.4, Math.abs(share(value) - zero))}%`,
                  }}
                />
              </span>
              <span className="number best-value" title={fullNumber(value)}>
                {shortNumber(value)}
              </span>
            </li>
          );
        })}
      </ol>
      {walk.length > MOST && (
        <p className="muted analysis-note">
          The best {MOST} of {walk.length.toLocaleString('en')}.
        </p>
      )}
    </>
  );
}

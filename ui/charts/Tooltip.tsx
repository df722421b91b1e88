/** What the lines of a chart are worth where one points, beside the pointer. */
import type { CSSProperties } from 'react';
import { cssColour } from './model/palette.js';
import { exactNumber, odditiesAt, type Reading, shownReadings } from './model/reading.js';
import type { Pointed } from './Plot.js';

const MOST = 10;

const px = (length: number) => `${Math.round(length)}px`;

interface TooltipProps {
  /** "step 1,200". */
  place: string;
  readings: readonly Reading[];
  pointed: Pointed;
  bold: string | undefined;
  isPinned: boolean;
}

export function Tooltip({ place, readings, pointed, bold, isPinned }: TooltipProps) {
  const shown = shownReadings(readings, bold, MOST);
  const hidden = readings.length - shown.length;
  const isSmooth = readings.some(({ smooth }) => smooth !== undefined);
  const hasBand = readings.some(({ line }) => line.low !== undefined);
  const isGrouped = readings.some(({ line }) => line.members !== undefined);
  // On the side of the pointer that has more room.
  const isRight = pointed.left < innerWidth / 2;
  const isBelow = pointed.top < innerHeight * 0.6;
  const inset = [
    isBelow ? px(pointed.top + 12) : 'auto',
    isRight ? 'auto' : px(innerWidth - pointed.left + 16),
    isBelow ? 'auto' : px(innerHeight - pointed.top + 12),
    isRight ? px(pointed.left + 16) : 'auto',
  ].join(' ');
  return (
    <div className="chart-tip" style={{ '--tip-inset': inset } as CSSProperties} aria-hidden="true">
      <p className="chart-tip-place">
        {place}
        {isPinned && <span className="muted"> · pinned, Esc lets go</span>}
      </p>
      <table>
        <thead>
          <tr>
            <th />
            <th>value</th>
            {isSmooth && <th>smoothed</th>}
            {hasBand && <th>{isGrouped ? 'band' : 'min – max'}</th>}
            <th>step</th>
            <th>{isGrouped ? 'n' : 'time'}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((reading) => (
            <Row key={reading.line.id} reading={reading} isBold={reading.line.id === bold} {...{ isSmooth, hasBand }} />
          ))}
        </tbody>
      </table>
      {hidden > 0 && <p className="muted">and {hidden} more</p>}
    </div>
  );
}

interface RowProps {
  reading: Reading;
  isBold: boolean;
  isSmooth: boolean;
  hasBand: boolean;
}

function Row({ reading: { line, at, value, smooth }, isBold, isSmooth, hasBand }: RowProps) {
  const odd = odditiesAt(line, at);
  const [low, high] = [line.low?.[at], line.high?.[at]];
  return (
    <tr className={isBold ? 'chart-tip-bold' : undefined}>
      <th>
        <span className="chart-tip-name">
          <Swatch look={line.look} />
          <bdi dir="auto">{line.name}</bdi>
        </span>
      </th>
      <td>{[Number.isNaN(value) ? '' : exactNumber(value), odd].filter(Boolean).join(' · ') || '–'}</td>
      {isSmooth && <td>{smooth === undefined ? '' : exactNumber(smooth)}</td>}
      {hasBand && (
        <td>{low !== undefined && high !== undefined && low < high && `${exactNumber(low)} – ${exactNumber(high)}`}</td>
      )}
      <td>{line.steps[at]?.toLocaleString('en')}</td>
      <td>{line.members ? line.n[at] : timeOf(line.times[at])}</td>
    </tr>
  );
}

const clock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

const timeOf = (time: number | undefined) => (time === undefined ? '' : clock.format(time));

/** A short piece of the line. */
export function Swatch({ look }: { look: Reading['line']['look'] }) {
  return (
    <svg className="swatch" viewBox="0 0 16 8" aria-hidden="true">
      <line x1="1" y1="4" x2="15" y2="4" style={{ stroke: cssColour(look) }} strokeDasharray={look.dash.join(' ')} />
    </svg>
  );
}

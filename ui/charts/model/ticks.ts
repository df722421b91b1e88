/** Where the ticks of an axis stand: at most six, at round numbers, powers, or times of day. */

const MOST = 6;

export type Range = readonly [min: number, max: number];

/** Round numbers in the range: steps of 1, 2, 2.5 or 5 times a power of ten. */
export function roundTicks([min, max]: Range, most = MOST): number[] {
  if (!(max > min)) return [min];
  const power = 10 ** Math.floor(Math.log10((max - min) / most));
  for (const times of [1, 2, 2.5, 5, 10, 20, 25, 50]) {
    const ticks = multiples(min, max, times * power);
    if (ticks.length <= most) return ticks;
  }
  return [];
}

function multiples(min: number, max: number, step: number): number[] {
  const ticks: number[] = [];
  // Counted, not added up: sums of tenths drift.
  for (let at = Math.ceil(min / step - 1e-9); at * step <= max + step * 1e-9; at++) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}

/** Powers of ten; where there are few of them, also 3, or 2 and 5 times each; where there are many, every second or third. */
export function logTicks([min, max]: Range, most = MOST): number[] {
  const [low, high] = [Math.log10(min), Math.log10(max)];
  if (high - low < 0.7) return roundTicks([min, max], most);
  const ticksOf = (factors: readonly number[], every: number) => {
    const ticks: number[] = [];
    for (let power = Math.floor(low); power <= high; power++) {
      if (power % every !== 0) continue;
      for (const factor of factors) {
        const tick = Number(`${factor}e${power}`);
        if (tick >= min * 0.999 && tick <= max * 1.001) ticks.push(tick);
      }
    }
    return ticks;
  };
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = ticksOf(factors, 1);
    if (ticks.length <= most) return ticks;
  }
  return ticksOf([1], Math.ceil((high - low) / (most - 1)));
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SPANS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 180, 365].map((n) => n * DAY),
];

const spanOf = (length: number, most: number) => SPANS.find((each) => length / each <= most - 1) ?? length / (most - 1);

/** Durations from a start, in ms: 30 s, 5 min, 2 h. */
export function durationTicks([min, max]: Range, most = MOST): number[] {
  return max > min ? multiples(min, max, spanOf(max - min, most)) : [min];
}

/** Times of day, in ms since the epoch, round where the reader lives. */
export function timeTicks([min, max]: Range, most = MOST): number[] {
  if (!(max > min)) return [min];
  const offset = new Date(min).getTimezoneOffset() * MINUTE;
  return multiples(min - offset, max - offset, spanOf(max - min, most)).map((tick) => tick + offset);
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayOnly = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayAndClock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** As short as the range allows: the time of day within a day, days within months. */
export function timeText(time: number, [min, max]: Range): string {
  const length = max - min;
  if (length < 10 * MINUTE) return clockSeconds.format(time);
  if (length < DAY) return clock.format(time);
  return (length < 4 * DAY ? dayAndClock : dayOnly).format(time);
}

/** "90s", "5min", "2h", "3d": one unit for a whole axis. */
export function durationText(ms: number, [min, max]: Range): string {
  const length = Math.max(Math.abs(min), Math.abs(max));
  const [size, unit] =
    length < 2 * SECOND
      ? [1, 'ms']
      : length < 3 * MINUTE
        ? [SECOND, 's']
        : length < 3 * HOUR
          ? [MINUTE, 'min']
          : length < 3 * DAY
            ? [HOUR, 'h']
            : [DAY, 'd'];
  return `${String(Number((ms / (size as number)).toPrecision(4))).replace('-', '−')} ${unit}`;
}

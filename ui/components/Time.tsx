/** A time relative to now, exact when hovered, and how long something took. */
import { useEffect, useState } from 'react';
import { duration, exactTime, relativeTime } from '../display/times.js';

/** `Date.now()`, anew every `interval` ms; never when that is undefined. */
function useNow(interval: number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (interval === undefined) return;
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}

export function Time({ at }: { at: number | undefined }) {
  const now = useNow(30_000);
  if (at === undefined) return <Nothing />;
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}

/** From `start` to `end`; a run without an end is still counting. */
export function Duration({
  start,
  end,
  isRunning,
}: {
  start?: number | undefined;
  end?: number | undefined;
  isRunning: boolean;
}) {
  const now = useNow(isRunning ? 1_000 : undefined);
  const until = end ?? (isRunning ? now : undefined);
  if (start === undefined || until === undefined) return <Nothing />;
  return <span className="number">{duration(until - start)}</span>;
}

export function Nothing() {
  return (
    <span className="muted">
      <span aria-hidden="true">–</span>
      <span className="visually-hidden">none</span>
    </span>
  );
}

/** Which rows of a long list are near what is seen, when all rows are of one height. */
import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';

interface RowWindow {
  /** The first row to draw, and the one after the last. */
  start: number;
  end: number;
}

/** Rows drawn beyond each edge. */
const SPARE = 12;
/** The window moves by so many rows at once, so that most scrolling draws nothing anew. */
const STRIDE = 6;

export function useRowWindow(
  box: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): RowWindow & { width: number } {
  const [near, setNear] = useState({ start: 0, end: 40, width: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      const first = Math.floor(element.scrollTop / rowHeight / STRIDE) * STRIDE;
      const seen = Math.ceil(element.clientHeight / rowHeight);
      const start = Math.max(0, first - SPARE);
      const end = first + seen + STRIDE + SPARE;
      const width = element.clientWidth;
      setNear((before) =>
        before.start === start && before.end === end && before.width === width ? before : { start, end, width },
      );
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [box, rowHeight]);
  // A list that became shorter than where it was scrolled to is drawn from its new end.
  const start = Math.max(0, Math.min(near.start, count - 1));
  return { start, end: Math.min(count, Math.max(near.end, start + 1)), width: near.width };
}

/** Tells which rows are seen, whenever that changes. */
export function useRangeSeen(
  start: number,
  end: number,
  onRange: ((start: number, end: number) => void) | undefined,
): void {
  useEffect(() => onRange?.(start, end), [start, end, onRange]);
}

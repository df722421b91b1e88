/** Where one was in a table when a page was left: Back finds the same rows and the same active cell, with the focus on it. */
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { type Cursor, type GridCursor, useGridCursor } from '../components/grid/grid-cursor.js';

interface KeptPlace {
  top: number;
  left: number;
  cursor: Cursor | undefined;
}

const places = new Map<string, KeptPlace>();
/** Visits further back than this are forgotten. */
const MOST = 50;
/** The address that Back or Forward led to last. */
let returnedTo: string | undefined;

const here = () => location.pathname + location.search;

/** Once, when the page starts: before anything else hears of it. */
export function listenForReturns(): void {
  window.addEventListener('popstate', () => {
    returnedTo = here();
  });
}

interface PlacedCursor {
  box: RefObject<HTMLElement | null>;
  cursor: GridCursor;
}

/** The box and the active cell of one table of the page, which `name` tells from others. It must be drawn with its rows at once. */
export function usePlacedCursor(name: string): PlacedCursor {
  const box = useRef<HTMLElement>(null);
  const [first] = useState(() => ({ path: location.pathname, address: here() }));
  const [found] = useState(() => (returnedTo === here() ? places.get(`${name} ${here()}`) : undefined));
  const cursor = useGridCursor(found?.cursor);
  const last = useRef({ key: `${name} ${first.address}`, cursor: cursor.at });
  useLayoutEffect(() => {
    // On the way to another page the address is that page's already.
    const key = location.pathname === first.path ? `${name} ${here()}` : last.current.key;
    last.current = { key, cursor: cursor.at };
  });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (found) {
      element.scrollTop = found.top;
      element.scrollLeft = found.left;
      if (found.cursor) element.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
    }
    returnedTo = undefined;
    return () => {
      const { key, cursor } = last.current;
      places.delete(key);
      places.set(key, { top: element.scrollTop, left: element.scrollLeft, cursor });
      const [oldest] = places.keys();
      if (places.size > MOST && oldest !== undefined) places.delete(oldest);
    };
  }, [found]);
  return { box, cursor };
}

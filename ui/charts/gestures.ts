/** What a pointer does over a chart: point, pin, drag a range to zoom into, turn the wheel. In px from the plane's left and top. */

export interface Place {
  left: number;
  top: number;
}

export interface Gestures {
  onPoint: (place: Place) => void;
  onLeave: () => void;
  onPin: (place: Place) => void;
  /** A dragged range; along y with Shift. */
  onSelect: (direction: 'x' | 'y', from: number, to: number) => void;
  onReset: () => void;
  /** The wheel with Ctrl: factors below 1 go in. */
  onWheel: (place: Place, factor: number) => void;
}

/** px below which a drag is a click. */
const CLICK = 5;

/** Listens until the answer is called. The element gets a child that shows the dragged range. */
export function listenFor(over: HTMLElement, gestures: Gestures): () => void {
  const range = document.createElement('div');
  range.className = 'plot-range';
  range.hidden = true;
  over.append(range);
  const stop = new AbortController();
  const on = <E extends keyof HTMLElementEventMap>(
    name: E,
    listener: (event: HTMLElementEventMap[E]) => void,
    passive = true,
  ) => over.addEventListener(name, listener, { signal: stop.signal, passive });
  const placeOf = (event: MouseEvent): Place => {
    const box = over.getBoundingClientRect();
    return { left: event.clientX - box.left, top: event.clientY - box.top };
  };
  let begin: (Place & { isVertical: boolean; isTouch: boolean }) | undefined;
  const lengthOf = (place: Place) =>
    begin ? Math.abs(begin.isVertical ? place.top - begin.top : place.left - begin.left) : 0;

  on('pointerdown', (event) => {
    if (event.button !== 0) return;
    begin = { ...placeOf(event), isVertical: event.shiftKey, isTouch: event.pointerType === 'touch' };
    if (!begin.isTouch) over.setPointerCapture(event.pointerId);
  });
  on('pointermove', (event) => {
    const place = placeOf(event);
    if (begin && !begin.isTouch && lengthOf(place) >= CLICK) showRange(range, over, begin, place, begin.isVertical);
    else range.hidden = true;
    gestures.onPoint(place);
  });
  on('pointerup', (event) => {
    const place = placeOf(event);
    const length = lengthOf(place);
    const from = begin;
    begin = undefined;
    range.hidden = true;
    if (!from) return;
    if (length < CLICK) gestures.onPin(place);
    else if (!from.isTouch) {
      const [a, b] = from.isVertical ? [from.top, place.top] : [from.left, place.left];
      gestures.onSelect(from.isVertical ? 'y' : 'x', Math.min(a, b), Math.max(a, b));
    }
  });
  const cancel = () => {
    begin = undefined;
    range.hidden = true;
  };
  on('pointercancel', cancel);
  on('pointerleave', () => {
    if (!begin) gestures.onLeave();
  });
  on('dblclick', () => gestures.onReset());
  on(
    'wheel',
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      gestures.onWheel(placeOf(event), 1.002 ** event.deltaY);
    },
    false,
  );
  return () => {
    stop.abort();
    range.remove();
  };
}

function showRange(range: HTMLElement, over: HTMLElement, a: Place, b: Place, isVertical: boolean): void {
  range.hidden = false;
  const [from, to, most] = isVertical ? [a.top, b.top, over.clientHeight] : [a.left, b.left, over.clientWidth];
  const start = Math.max(0, Math.min(from, to));
  const length = Math.min(most, Math.max(from, to)) - start;
  Object.assign(
    range.style,
    isVertical
      ? { left: '0', width: '100%', top: `${start}px`, height: `${length}px` }
      : { top: '0', height: '100%', left: `${start}px`, width: `${length}px` },
  );
}

/** The keys of a chart that has the focus. */
import type { KeyboardEvent } from 'react';
import { singleKeys } from '../state/shortcuts.js';
import type { Pointer } from './use-pointer.js';

export interface SingleActs {
  log: () => void;
  smooth: () => void;
  open: () => void;
}

interface ChartActs extends SingleActs {
  pointer: Pointer;
  reset: () => void;
  /** Factors below 1 go in. */
  zoom: (factor: number) => void;
}

type Act = (() => void) | undefined;

const ZOOM_STEP = 0.6;

/** What the key does; undefined: nothing of the chart's. */
export function keyAct({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, acts: ChartActs): Act {
  if (ctrlKey || metaKey || altKey) return undefined;
  const { pointer, reset, zoom } = acts;
  switch (key) {
    case 'ArrowLeft':
      return () => pointer.move(-1);
    case 'ArrowRight':
      return () => pointer.move(1);
    case 'ArrowUp':
      return () => pointer.change(-1);
    case 'ArrowDown':
      return () => pointer.change(1);
    case 'Home':
      return () => pointer.move(Number.NEGATIVE_INFINITY);
    case 'End':
      return () => pointer.move(Number.POSITIVE_INFINITY);
    case 'Enter':
      return pointer.pin;
    case 'Escape':
      return pointer.pointed && pointer.leave;
    case '+':
    case '=':
      return () => zoom(ZOOM_STEP);
    case '-':
      return () => zoom(1 / ZOOM_STEP);
    case '0':
      return reset;
    default:
      return singleKeys() ? singleKeyAct(key, acts) : undefined;
  }
}

export function singleKeyAct(key: string, { log, smooth, open }: SingleActs): Act {
  return key === 'y' ? log : key === 's' ? smooth : key === 'f' ? open : undefined;
}

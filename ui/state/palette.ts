/** What the page on screen adds to the palette, and whether the palette or the help is open. */
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface PaletteItem {
  /** The heading it stands under: "Columns". */
  group: string;
  label: string;
  run: () => void;
}

const pages = new Set<() => readonly PaletteItem[]>();

/** For as long as the component is on the page. */
export function usePaletteItems(items: () => readonly PaletteItem[]): void {
  const current = useRef(items);
  useEffect(() => {
    current.current = items;
  });
  useEffect(() => {
    const mine = () => current.current();
    pages.add(mine);
    return () => {
      pages.delete(mine);
    };
  }, []);
}

export const pageItems = (): PaletteItem[] => [...pages].flatMap((items) => items());

export type Overlay = 'palette' | 'help' | undefined;

const listeners = new Set<() => void>();
let overlay: Overlay;

export function openOverlay(wanted: Overlay): void {
  overlay = wanted;
  for (const listener of listeners) listener();
}

export const useOverlay = (): Overlay =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => overlay,
  );

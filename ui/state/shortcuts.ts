/**
 * Keys that work anywhere on a page. A chord is one key (`/`, `?`, `x`), two after another (`g e`), or a key with Ctrl or Cmd
 * (`mod+k`). Single keys rest while someone types, while a dialog is open, and where this browser has switched them off (WCAG 2.1.4).
 */
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { keep, kept } from './kept.js';

export interface Shortcut {
  chord: string;
  /** What it does, for the list that `?` opens: "Go to experiments". */
  label: string;
  /** The heading in that list: "Everywhere", "Table", "Chart". */
  group: string;
  run: () => void;
}

const KEY = 'mltrack.single-keys';
const PAIR_WAIT = 1_000;
const registered = new Set<readonly Shortcut[]>();
const listeners = new Set<() => void>();
let shown: Shortcut[] = [];
let first: { key: string; at: number } | undefined;

export const singleKeys = () => kept(KEY) !== 'off';
export const setSingleKeys = (on: boolean) => keep(KEY, on ? undefined : 'off');

function changed(): void {
  shown = [...registered].flat();
  for (const listener of listeners) listener();
}

/** The shortcuts of a component for as long as it is on the page. Those that came last win. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const signature = shortcuts.map(({ chord, label }) => `${chord}:${label}`).join();
  const run = useEffectEvent((chord: string) => shortcuts.find((each) => each.chord === chord)?.run());
  const stable = useEffectEvent(() => shortcuts.map((each) => ({ ...each, run: () => run(each.chord) })));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the list, which is a new object at every drawing
  useEffect(() => {
    const mine = stable();
    registered.add(mine);
    changed();
    return () => {
      registered.delete(mine);
      changed();
    };
  }, [signature]);
}

/** All that work now, for the help. */
export function useAllShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  target.closest('input:not([type=checkbox],[type=radio],[type=range]),textarea,select,[contenteditable]');

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const key = event.key.length === 1 ? event.key : event.key.toLowerCase();
  const chord = event.ctrlKey || event.metaKey ? `mod+${key.toLowerCase()}` : key;
  const isSingle = !chord.startsWith('mod+');
  if (isSingle && (!singleKeys() || isTyping(event.target) || document.querySelector('dialog:modal'))) return;
  const pair = first && Date.now() - first.at < PAIR_WAIT ? `${first.key} ${chord}` : undefined;
  first = undefined;
  const found = (pair && find(pair)) || find(chord);
  if (found) {
    event.preventDefault();
    found.run();
  } else if (isSingle) first = { key: chord, at: Date.now() };
}

const find = (chord: string) => shown.findLast((each) => each.chord === chord);

/** Once, when the page starts. */
export const listenForShortcuts = () => window.addEventListener('keydown', onKey);

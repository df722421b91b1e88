/** The way to anything by name: pages, experiments, runs, models, and what can be done on this page. */
import { type KeyboardEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { useFound } from '../../queries/palette.js';
import { setTheme } from '../../state/browser/theme.js';
import { type PaletteItem, pageItems } from '../../state/palette.js';
import { useAllShortcuts } from '../../state/shortcuts.js';
import { Dialog } from '../Dialog.js';
import { PAGES } from './Rail.js';

/** Keys that make no sense without a hand on them. */
const NO_ACTIONS = new Set(['mod+k', 'j', 'k', 'x']);

/** Of each heading. */
const MOST = 8;

interface Item extends PaletteItem {
  href?: string;
}

export function Palette({ onClose }: { onClose: () => void }) {
  const [sought, setSought] = useState('');
  const [active, setActive] = useState(0);
  const [, navigate] = useLocation();
  const id = useId();
  const here = useItemsHere(navigate);
  const found = useFound(sought.trim());
  const items: Item[] = [
    ...matching(here, sought),
    ...found.items.map((item) => ({ ...item, run: () => navigate(item.href) })),
  ];
  const shown = limited(items);
  const at = Math.min(active, shown.length - 1);
  const choose = (item: Item | undefined) => {
    if (!item) return;
    onClose();
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined && shown.length > 0) setActive((to + shown.length) % shown.length);
    else if (event.key === 'Enter') choose(shown[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Search or jump to" onClose={onClose} look="top">
      <input
        className="field palette-field"
        role="combobox"
        aria-label="Search or jump to"
        aria-expanded={shown.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={shown.length > 0 ? `${id}-${at}` : undefined}
        aria-autocomplete="list"
        placeholder="A run, an experiment, a model, a page, an action"
        spellCheck={false}
        autoComplete="off"
        value={sought}
        onChange={(event) => {
          setSought(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}-list`} role="listbox" aria-label="Found" className="palette-list">
        {shown.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the field above keeps the focus
          <div
            key={keyOf(item)}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            ref={(element) => {
              if (element && index === at) element.scrollIntoView({ block: 'nearest' });
            }}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(item)}
          >
            <bdi>{item.label}</bdi>
            <span className="muted">{item.group}</span>
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <p className="muted" role="status">
          {found.isSearching ? 'Searching…' : 'Nothing of this name.'}
        </p>
      )}
    </Dialog>
  );
}

/** What leads to different places may have one name. */
const keyOf = ({ group, label, href }: Item) => `${group} ${label} ${href ?? ''}`;

function useItemsHere(navigate: (href: string) => void): PaletteItem[] {
  const shortcuts = useAllShortcuts();
  const [own] = useState(pageItems);
  return [
    ...PAGES.map(({ label, href }) => ({ group: 'Page', label, run: () => navigate(href) })),
    ...shortcuts
      .filter(({ chord }) => !NO_ACTIONS.has(chord) && !chord.startsWith('g '))
      .map(({ label, run }) => ({ group: 'Action', label, run })),
    { group: 'Action', label: 'Dark theme', run: () => setTheme('dark') },
    { group: 'Action', label: 'Light theme', run: () => setTheme('light') },
    ...own,
  ];
}

function matching(items: readonly PaletteItem[], sought: string): PaletteItem[] {
  const words = sought.trim().toLowerCase().split(/\s+/);
  return items.filter(({ label, group }) => words.every((word) => `${label} ${group}`.toLowerCase().includes(word)));
}

function limited(items: readonly Item[]): Item[] {
  const seen = new Map<string, number>();
  return items.filter(({ group }) => {
    const n = (seen.get(group) ?? 0) + 1;
    seen.set(group, n);
    return n <= MOST;
  });
}

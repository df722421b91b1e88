/** What can be done with one chart. */
import type { RefObject } from 'react';
import { Menu } from '../components/Menu.js';
import { toast } from '../state/toasts.js';
import { csvOf } from './model/csv.js';
import type { Line } from './model/lines.js';
import { fileNameOf, saveFile, savePicture } from './save.js';
import type { ChartSettings } from './settings.js';

interface ChartMenuProps {
  title: string;
  lines: readonly Line[];
  settings: ChartSettings;
  asTable: boolean;
  isFull: boolean;
  canvas: RefObject<HTMLCanvasElement | undefined>;
  onTable: () => void;
  onFull: () => void;
  onSmoothing: () => void;
}

export function ChartMenu(props: ChartMenuProps) {
  const { title, lines, settings, asTable, isFull, canvas, onTable, onFull, onSmoothing } = props;
  const isPinned = settings.pins.includes(title);
  const picture = () => {
    if (canvas.current) savePicture(title, lines, canvas.current);
  };
  const items = [
    { label: asTable ? 'View as curves' : 'View as table', run: onTable },
    ...(isFull
      ? []
      : [
          { label: 'Full screen (f)', run: onFull },
          { label: isPinned ? 'Unpin' : 'Pin to the top', run: () => settings.togglePin(title) },
        ]),
    {
      label: settings.logY.of(title) ? 'Linear y axis (y)' : 'Logarithmic y axis (y)',
      run: () => settings.logY.toggle(title),
    },
    { label: settings.logX.of(title) ? 'Linear x axis' : 'Logarithmic x axis', run: () => settings.logX.toggle(title) },
    { label: settings.smoothing > 0 ? 'No smoothing (s)' : 'Smooth all charts (s)', run: onSmoothing },
    ...(asTable ? [] : [{ label: 'Save as PNG', run: picture }]),
    {
      label: 'Save as CSV',
      run: () => saveFile(`${fileNameOf(title)}.csv`, new Blob([csvOf(title, lines)], { type: 'text/csv' })),
    },
    { label: 'Copy link to this chart', run: () => copyLink(title) },
  ];
  return (
    <Menu label={`Menu of ${title}`} className="button quiet chart-menu" items={items}>
      <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
        <path d="M3 8h.01M8 8h.01M13 8h.01" strokeWidth="2.5" />
      </svg>
    </Menu>
  );
}

/** The page as it is, with this chart alone. */
async function copyLink(title: string): Promise<void> {
  const url = new URL(location.href);
  url.searchParams.set('charts', `/^${title.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$/`);
  try {
    await navigator.clipboard.writeText(url.href);
    toast('The link is copied');
  } catch {
    // Browsers offer no clipboard to pages that came over plain HTTP from another machine.
    toast(url.href);
  }
}

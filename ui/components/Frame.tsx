/** What every page has: skip link, top bar, rail, the notice of a lost connection, one main part, and what may lie over it. */
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { useLocation } from 'wouter';
import { experimentsLink, modelsLink, settingsLink } from '../links.js';
import { toggleRail, useFoldedRail } from '../state/browser/rail.js';
import { openOverlay, useOverlay } from '../state/palette.js';
import { useShortcuts } from '../state/shortcuts.js';
import { ConnectionBar } from './frame/ConnectionBar.js';
import { Rail } from './frame/Rail.js';
import { Toasts } from './frame/Toasts.js';
import { type Crumb, TopBar } from './frame/TopBar.js';
import { ErrorBoundary } from './Panel.js';

export type { Crumb } from './frame/TopBar.js';

const Palette = lazy(async () => ({ default: (await import('./frame/Palette.js')).Palette }));
const Help = lazy(async () => ({ default: (await import('./frame/Help.js')).Help }));

interface FrameProps {
  /** For the browser's tab: "name · page". */
  title: string;
  /** From the left; the last one is this page. */
  crumbs: Crumb[];
  children: ReactNode;
}

export function Frame({ title, crumbs, children }: FrameProps) {
  useEffect(() => {
    document.title = `${title} · mltrack`;
  }, [title]);
  const isFolded = useFoldedRail();
  useFrameKeys();
  return (
    <div className="frame" data-rail={isFolded ? 'folded' : undefined}>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <TopBar crumbs={crumbs} />
      <Rail />
      <main id="main" tabIndex={-1}>
        <ConnectionBar />
        <ErrorBoundary what="this page">{children}</ErrorBoundary>
      </main>
      <Toasts />
      <Overlays />
    </div>
  );
}

function useFrameKeys(): void {
  const [, navigate] = useLocation();
  const key = (chord: string, label: string, run: () => void) => ({ chord, label, group: 'Everywhere', run });
  useShortcuts([
    key('mod+k', 'Search or jump to…', () => openOverlay('palette')),
    key('?', 'This help', () => openOverlay('help')),
    key('g e', 'Go to the experiments', () => navigate(experimentsLink)),
    key('g m', 'Go to the models', () => navigate(modelsLink)),
    key('g s', 'Go to the settings', () => navigate(settingsLink)),
    key('[', 'Fold or unfold the rail', toggleRail),
  ]);
}

function Overlays() {
  const open = useOverlay();
  const [path] = useLocation();
  // A page that was jumped to begins without what led there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what matters
  useEffect(() => openOverlay(undefined), [path]);
  const close = () => openOverlay(undefined);
  return (
    <Suspense fallback={null}>
      {open === 'palette' && <Palette onClose={close} />}
      {open === 'help' && <Help onClose={close} />}
    </Suspense>
  );
}

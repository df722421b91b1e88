/** The bar above every page: where one is, the way to anything, whether the page is live, and the theme. */
import { Link, useLocation } from 'wouter';
import { experimentsLink } from '../../links.js';
import { setTheme, type Theme, useDark, useTheme } from '../../state/browser/theme.js';
import { useNarrow } from '../../state/media.js';
import { openOverlay } from '../../state/palette.js';
import { Menu } from '../Menu.js';
import { UserText } from '../UserText.js';
import { LiveDot } from './LiveDot.js';
import { PAGES } from './Rail.js';
import { UserMenu } from './UserMenu.js';

export interface Crumb {
  text: string;
  href: string;
}

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

export function TopBar({ crumbs }: { crumbs: readonly Crumb[] }) {
  const isNarrow = useNarrow();
  return (
    <header className="topbar">
      {isNarrow ? (
        <PagesMenu />
      ) : (
        <Link href={experimentsLink} className="brand">
          mltrack
        </Link>
      )}
      <Breadcrumb crumbs={crumbs} />
      <LiveDot />
      <button
        type="button"
        className="jump"
        aria-label={isNarrow ? 'Search or jump to' : undefined}
        onClick={() => openOverlay('palette')}
      >
        <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
          <path d="M7 2.500a4.500 4.500 0 1 0 .01 0M10.500 10.500 13.500 13.500" />
        </svg>
        {!isNarrow && (
          <>
            <span>Search or jump to…</span>
            <kbd>{isMac ? '⌘K' : 'Ctrl K'}</kbd>
          </>
        )}
      </button>
      <ThemeMenu />
      <UserMenu />
    </header>
  );
}

function Breadcrumb({ crumbs }: { crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb" className="breadcrumb">
      <ol>
        {crumbs.map(({ text, href }, index) => (
          <li key={href}>
            <Link href={href} aria-current={index === crumbs.length - 1 ? 'page' : undefined}>
              <UserText text={text} />
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** On narrow screens, in the place of the rail. */
function PagesMenu() {
  const [path, navigate] = useLocation();
  const items = PAGES.map(({ label, href }) => ({ label, isChecked: path === href, run: () => navigate(href) }));
  return (
    <Menu label="Pages" items={items} className="button quiet bar-button">
      <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
        <path d="M2.500 4h11M2.500 8h11M2.500 12h11" />
      </svg>
    </Menu>
  );
}

const THEMES: [Theme, string][] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

function ThemeMenu() {
  const current = useTheme();
  const isDark = useDark();
  const items = THEMES.map(([theme, label]) => ({ label, isChecked: theme === current, run: () => setTheme(theme) }));
  return (
    <Menu label="Theme" items={items} className="button quiet bar-button">
      <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
        {isDark ? (
          <path d="M13 9.500A5.500 5.500 0 0 1 6.500 3 5.500 5.500 0 1 0 13 9.500Z" />
        ) : (
          <path d="M8 5a3 3 0 1 0 .01 0M8 1.500v1M8 13.500v1M1.500 8h1M13.500 8h1M3.400 3.400l.7.7M11.900 11.900l.7.7M12.600 3.400l-.7.7M4.100 11.900l-.7.7" />
        )}
      </svg>
    </Menu>
  );
}

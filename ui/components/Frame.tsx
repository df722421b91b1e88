/** What every page has: skip link, rail, breadcrumb, the notice of a lost connection, and one main part. */
import { type ReactNode, useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { experimentLink, experimentsLink } from '../links.js';
import { useRecent } from '../state/recent.js';
import { ConnectionBar } from './frame/ConnectionBar.js';
import { LiveDot } from './frame/LiveDot.js';
import { Toasts } from './frame/Toasts.js';
import { UserMenu } from './frame/UserMenu.js';
import { ErrorBoundary } from './Panel.js';
import { UserText } from './UserText.js';

export interface Crumb {
  text: string;
  href: string;
}

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
  return (
    <div className="frame">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="topbar">
        <Link href={experimentsLink} className="brand">
          mltrack
        </Link>
        <Breadcrumb crumbs={crumbs} />
        <LiveDot />
        <UserMenu />
      </header>
      <Rail />
      <main id="main" tabIndex={-1}>
        <ConnectionBar />
        <ErrorBoundary what="this page">{children}</ErrorBoundary>
      </main>
      <Toasts />
    </div>
  );
}

function Breadcrumb({ crumbs }: { crumbs: Crumb[] }) {
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

function Rail() {
  const [path] = useLocation();
  const recent = useRecent();
  return (
    <nav aria-label="Main" className="rail">
      <Link href={experimentsLink} aria-current={path === experimentsLink ? 'page' : undefined}>
        Experiments
      </Link>
      {recent.length > 0 && <h2 id="recent">Recently visited</h2>}
      <ul aria-labelledby={recent.length > 0 ? 'recent' : undefined}>
        {recent.map(({ id, name }) => (
          <li key={id}>
            <Link href={experimentLink(id)} aria-current={path === experimentLink(id) ? 'page' : undefined}>
              <UserText text={name} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

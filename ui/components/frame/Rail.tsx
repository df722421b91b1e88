/** The pages at the left, and the experiments last visited; folded it is a strip of icons. */
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { experimentLink, experimentsLink, modelsLink, settingsLink } from '../../links.js';
import { toggleRail, useFoldedRail } from '../../state/browser/rail.js';
import { useRecent } from '../../state/recent.js';
import { UserText } from '../UserText.js';

export const PAGES: { label: string; href: string; icon: ReactNode }[] = [
  {
    label: 'Experiments',
    href: experimentsLink,
    icon: (
      <path d="M6 2.500h4M7 2.500v4L3.500 12.500a1 1 0 0 0 .9 1.500h7.200a1 1 0 0 0 .9-1.500L9 6.500v-4M5.200 10h5.600" />
    ),
  },
  {
    label: 'Models',
    href: modelsLink,
    icon: <path d="M8 2 13.500 5v6L8 14 2.500 11V5ZM2.500 5 8 8l5.500-3M8 8v6" />,
  },
  {
    label: 'Settings',
    href: settingsLink,
    icon: <path d="M2.500 4.500h6M12 4.500h1.500M2.500 11.500H4M7.500 11.500h6M10 2.800v3.400M5.700 9.800v3.400" />,
  },
];

export function Rail() {
  const [path] = useLocation();
  const recent = useRecent();
  const isFolded = useFoldedRail();
  return (
    <nav aria-label="Main" className="rail">
      <ul>
        {PAGES.map(({ label, href, icon }) => (
          <li key={href}>
            <Link
              href={href}
              className="rail-page"
              title={isFolded ? label : undefined}
              aria-current={path === href ? 'page' : undefined}
            >
              <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
                {icon}
              </svg>
              <span className={isFolded ? 'visually-hidden' : undefined}>{label}</span>
            </Link>
          </li>
        ))}
      </ul>
      {recent.length > 0 && !isFolded && (
        <>
          <h2 id="recent">Recently visited</h2>
          <ul aria-labelledby="recent">
            {recent.map(({ id, name }) => (
              <li key={id}>
                <Link href={experimentLink(id)} aria-current={path === experimentLink(id) ? 'page' : undefined}>
                  <UserText text={name} cut="middle" />
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      <button type="button" className="rail-fold" aria-expanded={!isFolded} title="[" onClick={toggleRail}>
        <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
          <path d={isFolded ? 'M6 4 10 8 6 12' : 'M10 4 6 8 10 12'} />
        </svg>
        <span className={isFolded ? 'visually-hidden' : undefined}>{isFolded ? 'Unfold' : 'Fold'}</span>
      </button>
    </nav>
  );
}

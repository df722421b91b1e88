/** A few views of one page, as links of which one is current. */
import { Link } from 'wouter';

interface Option {
  label: string;
  href: string;
  isCurrent: boolean;
}

interface ChoiceProps {
  label: string;
  options: Option[];
  /** `tabs` for parts of a page, `segments` for a small switch. */
  look: 'tabs' | 'segments';
}

export function Choice({ label, options, look }: ChoiceProps) {
  return (
    <nav aria-label={label} className={look}>
      {options.map(({ label: text, href, isCurrent }) => (
        <Link key={text} href={href} aria-current={isCurrent ? 'page' : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}

/** The charts of many metrics in sections, by what stands before the first slash of their names; and which a search finds. */

export interface ChartSection {
  /** '' for names without a slash. */
  prefix: string;
  keys: readonly string[];
}

const collator = new Intl.Collator('en', { numeric: true });

/** What people look at first. */
const GOALS = /^(val|valid|validation|test|eval|train|training)$/i;

const rank = (prefix: string) => (prefix === '' ? 0 : GOALS.test(prefix) ? 1 : prefix === 'system' ? 3 : 2);

/** Names without a slash first, then those of training and its tests, then the others; the machine's own metrics last. */
export function sectionsOf(keys: readonly string[]): ChartSection[] {
  const groups = new Map<string, string[]>();
  for (const key of [...new Set(keys)].sort(collator.compare)) {
    const slash = key.indexOf('/');
    const prefix = slash > 0 ? key.slice(0, slash) : '';
    const known = groups.get(prefix);
    if (known) known.push(key);
    else groups.set(prefix, [key]);
  }
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || collator.compare(a, b))
    .map(([prefix, members]) => ({ prefix, keys: members }));
}

/** Text in any case, or a regular expression between slashes. Undefined when that is not one. */
export function matcherOf(sought: string): ((key: string) => boolean) | undefined {
  const expression = /^\/(.+?)\/?$/.exec(sought)?.[1];
  if (sought.startsWith('/') && expression === undefined) return () => true;
  if (expression === undefined) {
    const text = sought.toLowerCase();
    return (key) => key.toLowerCase().includes(text);
  }
  try {
    const pattern = new RegExp(expression, 'i');
    return (key) => pattern.test(key);
  } catch {
    return undefined;
  }
}

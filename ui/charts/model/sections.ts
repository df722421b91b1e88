/** The charts of many metrics in sections, by what stands before the first slash of their names; and which a search finds. */

export interface ChartSection {
  /** '' for names without a slash. */
  prefix: string;
  keys: readonly string[];
}

const collator = new Intl.Collator('en', { numeric: true });

/** Names without a slash first, then by prefix; the machine's own metrics last. */
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
    .sort(([a], [b]) => Number(a === 'system') - Number(b === 'system') || collator.compare(a, b))
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

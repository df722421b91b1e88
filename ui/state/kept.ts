/** Settings of this browser, kept in its local storage; where there is none they last as long as the page. */

const here = new Map<string, string>();

export function kept(key: string): string | undefined {
  const found = here.get(key);
  if (found !== undefined) return found;
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Undefined forgets the setting. */
export function keep(key: string, value: string | undefined): void {
  if (value === undefined) here.delete(key);
  else here.set(key, value);
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is full or switched off.
  }
}

/** One field of the page's query string. */
import { useLocation } from 'wouter';
import { useSearchText } from './search-text.js';

/** Its value ('' when absent) and a setter that replaces the history entry, so that Back leaves the page. */
export function useSearchParam(name: string): [string, (value: string) => void] {
  const search = useSearchText();
  const [, navigate] = useLocation();
  const set = (value: string) => {
    const after = new URLSearchParams(location.search);
    if (value) after.set(name, value);
    else after.delete(name);
    const text = after.toString();
    navigate(location.pathname + (text && `?${text}`), { replace: true });
  };
  return [new URLSearchParams(search).get(name) ?? '', set];
}

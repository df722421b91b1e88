/** One field of the page's query string. */
import { useSearchParams } from 'wouter';

/** Its value ('' when absent) and a setter that replaces the history entry, so that Back leaves the page. */
export function useSearchParam(name: string): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const set = (value: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  return [params.get(name) ?? '', set];
}

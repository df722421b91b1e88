/** The query string of the page as it stands in the address. The router's own has one layer of its escapes undone, so that a text such as `%ab%` is lost in it. */
import { useSearch } from 'wouter';

/** With its `?`; draws anew when it changes. */
export function useSearchText(): string {
  useSearch();
  return location.search;
}

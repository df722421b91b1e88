/** What a page shows of a query: a skeleton at first, the error with Retry when there is nothing else, then the data, kept while it is read anew. */
import type { ReactNode } from 'react';
import { ErrorNotice } from './ErrorNotice.js';

interface QueryState<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

interface LoadedProps<T> {
  query: QueryState<T>;
  /** What could not be read, for the error's title: "the runs". */
  what: string;
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
}

export function Loaded<T>({ query, what, skeleton, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorNotice what={what} error={query.error} onRetry={() => query.refetch()} />;
  return skeleton;
}

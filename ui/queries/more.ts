/** Endless lists: the next page is read when the end of the rows comes near. */
import { useCallback } from 'react';

interface EndlessQuery {
  hasNextPage: boolean;
  isFetching: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
}

export interface More {
  hasMore: boolean;
  /** To call when the end is near. It changes after every page, so that an effect on it goes on while that is so. */
  onEnd: () => void;
  /** Present after a page failed: nothing is read by itself then. */
  retry: (() => void) | undefined;
}

export function useMore({ hasNextPage, isFetching, isFetchNextPageError, fetchNextPage }: EndlessQuery): More {
  const isResting = isFetching || isFetchNextPageError;
  const onEnd = useCallback(() => {
    if (!isResting) fetchNextPage();
  }, [isResting, fetchNextPage]);
  return { hasMore: hasNextPage, onEnd, retry: isFetchNextPageError ? () => fetchNextPage() : undefined };
}

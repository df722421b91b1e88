/** The connection to the server this page came from, and the cache of its answers. */
import { QueryClient } from '@tanstack/react-query';
import { connect } from '../../client/index.js';

export const client = connect(location.origin, { retries: 1, timeout: 30_000 });

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The server may well be on this machine: the browser's idea of being online says nothing about it.
      networkMode: 'always',
      retry: false,
      staleTime: 5_000,
    },
  },
});

/** Resolves once the server answers; rejects while it does not. */
export async function askServer(): Promise<void> {
  await client.searchExperiments({ max_results: 1 });
}

/** How often a run that still writes is read again, in ms. Pages in the background rest. */
export const LIVE_INTERVAL = 5_000;

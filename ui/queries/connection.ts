/** The connection to the server this page came from, and the cache of its answers. */
import { QueryClient } from '@tanstack/react-query';
import { navigate } from 'wouter/use-browser-location';
import { connect } from '../../client/index.js';
import { loginLink, loginPath } from '../links.js';

export const client = connect(location.origin, {
  retries: 1,
  timeout: 30_000,
  // Says that a page asks: the server then leaves the sign-in to it, and takes its cookie for changes.
  headers: { 'x-requested-with': 'mltrack-ui' },
  fetch: async (input, init) => {
    const answer = await fetch(input, init);
    if (answer.status === 401) toLogin();
    return answer;
  },
});

/** To the page that signs in, and from there back to where one is now. */
export function toLogin(): void {
  const { pathname, search, hash } = location;
  if (pathname !== loginPath) navigate(loginLink(pathname + search + hash), { replace: true });
}

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

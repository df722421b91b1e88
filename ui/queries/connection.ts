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

/** The server said with the page that it has no users. */
export const hasNoUsers = document.documentElement.dataset.users === 'none';

/** To the page that signs in, and from there back to where one is now. */
export function toLogin(): void {
  const { pathname, search, hash } = location;
  if (pathname === loginPath) return;
  const link = loginLink(pathname + search + hash);
  // The server has got users since this page was loaded: only a page loaded anew knows.
  if (hasNoUsers) location.replace(link);
  else navigate(link, { replace: true });
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

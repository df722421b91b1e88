/** The end of an HTTP server: no new connection, what runs is finished, and sockets that carry nothing are closed. */
import type { Server, ServerResponse } from 'node:http';

/** How often the connections are looked at. */
const SWEEP_MS = 50;
/** Sweeps without a request before the rest is cut: a request that was sent before the end may still be in the socket. */
const QUIET_SWEEPS = 3;

/**
 * Counts the server's requests from now on. The returned function ends the server, and resolves when the last request is
 * answered, or after `limit` milliseconds.
 */
export function drainable(server: Server): (limit: number) => Promise<void> {
  let active = 0;
  server.on('request', (_request, response: ServerResponse) => {
    active++;
    response.once('close', () => active--);
  });
  return async (limit) => {
    const end = performance.now() + limit;
    server.close();
    // Node takes a connection that never carried a request for a busy one, and would wait for it.
    for (let quiet = 0; quiet < QUIET_SWEEPS && performance.now() < end; ) {
      server.closeIdleConnections();
      await new Promise((resolve) => setTimeout(resolve, SWEEP_MS));
      quiet = active === 0 ? quiet + 1 : 0;
    }
    server.closeAllConnections();
  };
}

/** What the front asks of the store and what comes back, errors included: the seam between the HTTP thread and the store's threads. */
import { MltrackError } from '../api/index.js';
import type { Identity } from './auth/identity.js';
import { isTemporary, refusal } from './db/failures.js';
import { encode } from './encode.js';
import type { StoreEndpointName } from './endpoints.js';

export interface StoreRequest {
  readonly endpoint: StoreEndpointName;
  /** Fields from the path and the query: text, or a list of texts where a name was repeated. */
  readonly fields: Readonly<Record<string, string | string[]>>;
  /** JSON, or nothing. */
  readonly body: Uint8Array;
  readonly requestId: string;
  /** Absent where nobody has to sign in. */
  readonly identity?: Identity | undefined;
}

export interface StoreResponse {
  readonly status: number;
  readonly body: Uint8Array;
  /** The same, before it was joined. */
  readonly pieces?: readonly Uint8Array[];
  /** What went wrong inside, for the log; the client is told less. */
  readonly failure?: string;
}

/** The answer to whatever was thrown. */
export function failed(error: unknown): StoreResponse {
  const known = error instanceof MltrackError ? error : refusal(error);
  if (known) return { status: known.status, body: encode(known.body()) };
  const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const told = isTemporary(error)
    ? new MltrackError('TEMPORARILY_UNAVAILABLE', `The database cannot take this now: ${(error as Error).message}`)
    : new MltrackError('INTERNAL_ERROR', 'The server failed; its log has the reason under this request’s id.');
  return { status: told.status, body: encode(told.body()), failure };
}

/** A pause that an interruption ends. */
import { setTimeout } from 'node:timers/promises';

/** Rejects with the signal's reason once it is aborted. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal && { signal });
  } catch {
    signal?.throwIfAborted();
  }
}

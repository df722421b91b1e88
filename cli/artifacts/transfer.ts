/** What the commands that move artifacts share: flags, progress, and how Ctrl-C ends a download. An upload needs no care: a server keeps nothing of half a file. */
import type { Transfer } from '../../client/node/index.js';
import { bytesLine } from '../progress.js';

export const RUN_ID = { alias: 'r', type: 'string', demandOption: true, describe: 'ID of the run' } as const;

export const ARTIFACT_PATH = {
  alias: 'a',
  type: 'string',
  defaultDescription: 'the run’s root',
  describe: 'Folder among the run’s artifacts',
} as const;

/** What a shell sees of a command that was interrupted. */
const INTERRUPTED = 130;

/** Moves files under a progress line. */
export async function moving(label: string, move: (progress: NonNullable<Transfer['progress']>) => Promise<void>) {
  const line = bytesLine(process.stderr, label);
  await move((done, total) => line.update({ done, total })).finally(() => line.end());
}

/** A first Ctrl-C lets `body` remove what is half there, and ends the process. */
export async function interruptible(body: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Error('interrupted'));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    await body(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

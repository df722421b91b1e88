/** How a failed command ends: one line on stderr and exit code 1; the stack only with `MLTRACK_DEBUG=1`. */
import type { Argv } from 'yargs';

/** An expected failure: its message says the cause and the cure. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Of the help's lines, in characters. */
export const WIDTH = Math.min(110, process.stdout.columns ?? 110);

export function reportFailure(message: string | null, error: Error | undefined, yargs: Argv): never {
  if (error) fail(error);
  yargs.wrap(WIDTH);
  yargs.showHelp('error');
  console.error(`\n${message}`);
  process.exit(1);
}

export function fail(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  console.error(`mltrack: ${text}`);
  if (process.env.MLTRACK_DEBUG === '1' && error instanceof Error) console.error(error.stack);
  process.exit(1);
}

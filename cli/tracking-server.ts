/** Commands that speak to a tracking server: its address and the caller's credentials come from flags and the environment. */
import type { Argv } from 'yargs';
import type { Connection } from '../client/connect.js';
import { CommandError } from './failure.js';

export interface TrackingArgs {
  trackingUri: string | undefined;
}

export const withTrackingUri = <T>(yargs: Argv<T>): Argv<T & TrackingArgs> =>
  yargs.option('tracking-uri', {
    type: 'string',
    describe:
      'The tracking server [MLFLOW_TRACKING_URI]; credentials from MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN',
  }) as unknown as Argv<T & TrackingArgs>;

/** Runs `ask` with a connection; what the server refuses is the command's failure. */
export async function atServer(
  { trackingUri }: TrackingArgs,
  ask: (server: Connection) => Promise<void>,
): Promise<void> {
  // Loaded here: other commands need none of it.
  const { connect, MltrackError } = await import('../client/node/index.js');
  try {
    await ask(connect(trackingUri));
  } catch (error) {
    throw error instanceof MltrackError ? new CommandError(error.message) : error;
  }
}

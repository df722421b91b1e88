/** Commands that talk to a tracking server, ours or MLflow's: which one, as whom, and how its refusals are told. */
import type { Argv } from 'yargs';
import type { Connection } from '../client/node/index.js';
import { CommandError } from './failure.js';

/** A command should say soon that there is no server. */
const RETRIES = 2;

export interface TrackingArgs {
  trackingUri: string | undefined;
}

export const withTrackingUri = <T>(yargs: Argv<T>): Argv<T & TrackingArgs> =>
  yargs.option('tracking-uri', {
    type: 'string',
    describe:
      'The tracking server [MLTRACK_TRACKING_URI, MLFLOW_TRACKING_URI]; credentials from MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN',
  }) as unknown as Argv<T & TrackingArgs>;

export const atServer = ({ trackingUri }: TrackingArgs, ask: (server: Connection) => Promise<void>) =>
  onServer(ask, trackingUri);

/** Runs `body` against a tracking server, that of the environment by default; what it refuses becomes one line. */
export async function onServer<T>(body: (client: Connection) => Promise<T>, uri?: string): Promise<T> {
  // Loaded here: other commands need none of it.
  const { connect, MltrackError } = await import('../client/node/index.js');
  const client = connect(uri, { retries: RETRIES });
  if (!/^https?:\/\//i.test(client.uri)) {
    throw new CommandError(
      `The tracking URI (--tracking-uri, MLTRACK_TRACKING_URI or MLFLOW_TRACKING_URI) must be the URL of a tracking server, as http://127.0.0.1:5000, not '${client.uri}'`,
    );
  }
  try {
    return await body(client);
  } catch (error) {
    if (!(error instanceof MltrackError)) throw error;
    throw new CommandError(error.message.replace(/\s*\n\s*/g, ' '), { cause: error });
  }
}

/** All pages of a listing. */
export async function pagesOf<T>(
  page: (token: { page_token?: string }) => Promise<{ items: readonly T[] | undefined; next: string | undefined }>,
  most = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const found: T[] = [];
  for (let token: string | undefined; ; ) {
    const { items, next } = await page(token === undefined ? {} : { page_token: token });
    for (const item of items ?? []) found.push(item);
    if (!next || found.length >= most) return found.slice(0, most);
    token = next;
  }
}

export const JSON_RESULT = { type: 'boolean', default: false, describe: 'Print JSON' } as const;

export const EXPERIMENT_ID = {
  alias: 'x',
  type: 'string',
  demandOption: true,
  describe: 'ID of the experiment',
} as const;

export const RUN_ID = { type: 'string', demandOption: true, describe: 'ID of the run' } as const;

export const VIEW = {
  alias: 'v',
  type: 'string',
  default: 'active_only',
  describe: 'Which ones: active_only, deleted_only or all',
} as const;

const VIEWS = { active_only: 'ACTIVE_ONLY', deleted_only: 'DELETED_ONLY', all: 'ALL' } as const;

export function viewOf(view: string): (typeof VIEWS)[keyof typeof VIEWS] {
  const name = view.toLowerCase();
  if (name in VIEWS) return VIEWS[name as keyof typeof VIEWS];
  throw new CommandError(`--view must be ${Object.keys(VIEWS).join(', ')}, not '${view}'`);
}

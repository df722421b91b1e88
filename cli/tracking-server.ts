/** Commands that talk to a tracking server, ours or MLflow's: which one, as whom, and how its refusals are told. */
import type { Connection } from '../client/node/index.js';
import { CommandError } from './failure.js';

/** A command should say soon that there is no server. */
const RETRIES = 2;

/** Runs `body` against the tracking server of the environment; what the server refuses becomes one line. */
export async function onServer<T>(body: (client: Connection) => Promise<T>): Promise<T> {
  const { connect, MltrackError } = await import('../client/node/index.js');
  const client = connect(undefined, { retries: RETRIES });
  if (!/^https?:\/\//i.test(client.uri)) {
    throw new CommandError(
      `MLFLOW_TRACKING_URI must be the URL of a tracking server, as http://127.0.0.1:5000, not '${client.uri}'`,
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

/** What logged content needs of a run: somewhere to put bytes and tags, and, where a server answers, what is there already. */
import { MltrackError, type RunInfo } from '../../api/index.js';
import type { Connection } from '../connect.js';

/** What an artifact is made of. */
export type Bytes = string | Uint8Array<ArrayBuffer>;

/** The part of a run's handle that content is written to. Whether its calls wait for the server is the handle's own matter. */
export interface ContentTarget {
  logBytes(content: Bytes, path: string): Promise<void> | void;
  setTags(tags: Record<string, string>): Promise<void> | void;
}

/** What a run has already. Without a server (offline) there is none, and content begins anew. */
export interface LoggedContent {
  /** The text of an artifact; undefined when there is none. */
  text(path: string): Promise<string | undefined>;
  /** The value of a tag; undefined when it is not set. */
  tag(key: string): Promise<string | undefined>;
}

/** What the server has of a run. Rejects with INVALID_PARAMETER_VALUE for artifacts that the server does not pass on. */
export function loggedContent(client: Connection, info: Pick<RunInfo, 'run_id' | 'artifact_uri'>): LoggedContent {
  return {
    async text(path) {
      try {
        return await (await client.artifacts.get(info.artifact_uri, path)).text();
      } catch (error) {
        if (error instanceof MltrackError && error.status === 404) return undefined;
        throw error;
      }
    },
    async tag(key) {
      const { run } = await client.getRun({ run_id: info.run_id });
      return run.data.tags?.find((tag) => tag.key === key)?.value;
    },
  };
}

export const invalid = (message: string) => new MltrackError('INVALID_PARAMETER_VALUE', message);

/** The path of a file of artifacts as MLflow allows it. Throws INVALID_PARAMETER_VALUE. */
export function checkedFile(path: string): string {
  const forbidden = /["',:[\]{}]/.exec(path);
  if (forbidden) throw invalid(`The artifact_file contains forbidden character: ${forbidden[0]}`);
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw invalid(`The artifact file must be a relative path without '.' and '..', not '${path}'`);
  }
  return path;
}

/** Which journal a run in Node gets: a file of the spool with a sender behind it, or memory. */
import { resolve } from 'node:path';
import type { RunInfo } from '../../../api/index.js';
import { type Connection, connectOptionsOf } from '../../connect.js';
import type { StoredContent } from '../../entries.js';
import { inMemory } from '../../fluent.js';
import type { Journal } from '../../journal.js';
import type { RunOptions, RunParts } from '../../run.js';
import { storeContent } from '../files.js';
import { discard, Staging } from '../staging.js';
import { SpoolJournal } from './journal.js';
import { SenderLink } from './link.js';

export interface SpoolRunOptions extends RunOptions {
  /**
   * Whether what is logged is first written to a file, so that nothing is lost when this process or the server dies; or the spool's
   * directory. Default: true, in `MLTRACK_SPOOL_DIR`, else `.mltrack`.
   */
  spool?: boolean | string;
  /** Only records: no server is needed, and `mltrack sync` delivers later. */
  offline?: boolean;
}

export interface OpenJournal {
  readonly journal: Journal;
  readonly staging: Staging;
}

const links: { threaded?: SenderLink; own?: SenderLink } = {};

/** The senders that this program has started. */
export const senderLinks = (): SenderLink[] => Object.values(links);

export function openJournal(
  parts: Pick<RunParts, 'start' | 'client' | 'problems'>,
  { spool = true, offline = false }: SpoolRunOptions,
): OpenJournal {
  const { start, client, problems } = parts;
  const options = connectOptionsOf(client);
  const memory = (info?: Promise<RunInfo>) => inMemory(parts, storeAndDiscard, info);
  // A connection of another copy of this package cannot be made again.
  if (spool === false || !options) return { journal: memory(), staging: new Staging() };
  const directory = resolve(typeof spool === 'string' ? spool : process.env.MLTRACK_SPOOL_DIR || '.mltrack');
  const server = { uri: client.uri, options };
  const link = offline ? undefined : linkFor(options.fetch === undefined);
  const staging = new Staging(`${directory}/${start.local_id}/files`);
  try {
    const online = link && { link, server };
    const journal = new SpoolJournal(start, { directory, staging, problems, online, memory });
    link?.adopt(directory, server);
    return { journal, staging };
  } catch (error) {
    const what = `The spool ${directory} cannot be written (${(error as Error).message})`;
    problems.tell('spool', `${what}: what is logged is kept in memory.`);
    return { journal: memory(offline ? new Promise(() => {}) : undefined), staging: new Staging() };
  }
}

function linkFor(threaded: boolean): SenderLink {
  const kind = threaded ? 'threaded' : 'own';
  links[kind] ??= new SenderLink(threaded);
  return links[kind];
}

async function storeAndDiscard(
  client: Connection,
  rootUri: string,
  path: string,
  content: StoredContent,
): Promise<void> {
  await storeContent(client, rootUri, path, content);
  if (!(content instanceof Uint8Array)) await discard(content.file);
}

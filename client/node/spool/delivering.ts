/** Delivers the folder of one run to its end, and removes it: behind the program that writes it, or after that is gone. */
import { appendFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MltrackError, type RunInfo } from '../../../api/index.js';
import type { Connection } from '../../connect.js';
import { Delivery } from '../../delivery/delivery.js';
import { isRefusal, Retrier } from '../../delivery/retry.js';
import { ERROR_TAG, type RunStart } from '../../entries.js';
import type { Problems } from '../../problems.js';
import { storeContent } from '../files.js';
import { discard } from '../staging.js';
import { foldersIn, PositionFile, RunFolder } from './folder.js';
import { isHeld } from './lock.js';
import { SpoolReader } from './reader.js';

export interface DeliveringOptions {
  readonly client: Connection;
  readonly problems: Problems;
  /** Whether the program that writes is this one. */
  readonly live: boolean;
  parentOf(localId: string): Promise<string | undefined>;
  established(info: RunInfo): void;
  acknowledged(at: number): void;
}

export class FolderDelivery {
  readonly folder: RunFolder;
  readonly start: RunStart;
  readonly reader: SpoolReader;
  readonly #options: DeliveringOptions;
  readonly #delivery: Delivery;
  #info: RunInfo | undefined;

  constructor(folder: RunFolder, start: RunStart, options: DeliveringOptions) {
    this.folder = folder;
    this.start = start;
    this.#options = options;
    const { client, problems, live, parentOf, acknowledged } = options;
    const damaged = (message: string) => problems.tell('spool', message);
    this.reader = new SpoolReader(folder, { live, acknowledged, damaged });
    const destination = {
      client,
      store: async (rootUri: string, path: string, content: Uint8Array<ArrayBuffer> | { readonly file: string }) => {
        const stored = content instanceof Uint8Array ? content : { file: join(folder.files, content.file) };
        await storeContent(client, rootUri, path, stored).catch((error) => {
          // Sent before the last acknowledgement was lost; nothing else removes a copy.
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        });
        if (!(stored instanceof Uint8Array)) await discard(stored.file);
      },
    };
    this.#delivery = new Delivery(destination, start, this.reader, {
      problems,
      alive: live,
      parentOf,
      established: (info) => {
        this.#info = info;
        if (!folder.created()) folder.setCreated(info);
        options.established(info);
      },
      refused: (records, error) => this.#refuse(records, error),
    });
  }

  get failures(): number {
    return this.#delivery.failures;
  }

  stop(): void {
    this.#delivery.stop();
    this.reader.close();
  }

  /** Resolves when all is delivered and the folder gone. Throws the refusal of a run that cannot be created, and Stopped. */
  async run(): Promise<void> {
    const { live } = this.#options;
    const last = await this.#delivery.run(this.folder.created(), !live);
    if (last === 'open' && !live) await this.#endOfTheDead();
    this.reader.close();
    this.folder.remove();
  }

  /** The program that wrote is gone and has not said how the run ended; unless another goes on with it, that is how. */
  async #endOfTheDead(): Promise<void> {
    const { client, problems } = this.#options;
    const run_id = (this.#info as RunInfo).run_id;
    if (isGoneOnWith(this.folder, run_id)) return;
    const retrier = new Retrier(client.uri, problems);
    try {
      const { info } = (await retrier.run(() => client.getRun({ run_id }))).run;
      if (info.status !== 'RUNNING') return;
      const value = 'The process ended without ending the run';
      await retrier.run(() => client.logBatch({ run_id, tags: [{ key: ERROR_TAG, value }] }));
      await retrier.run(() => client.updateRun({ run_id, status: 'KILLED', end_time: lastWrite(this.folder) }));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refuse({ run_id, status: 'KILLED' }, error);
    }
  }

  #refuse(records: unknown, { code, message }: MltrackError): void {
    const line = JSON.stringify({ time: new Date().toISOString(), error_code: code, message, records });
    try {
      appendFileSync(this.folder.refused, `${line}\n`);
    } catch (error) {
      this.#options.problems.tell('spool', `A refused record could not be kept: ${(error as Error).message}`);
    }
  }
}

function isGoneOnWith(folder: RunFolder, run_id: string): boolean {
  return foldersIn(dirname(folder.path)).some((other) => {
    if (other.path === folder.path || !isHeld(other.lock)) return false;
    return other.read()?.start.run_id === run_id || other.created()?.run_id === run_id;
  });
}

function lastWrite(folder: RunFolder): number {
  const last = folder.segments().at(-1);
  return Math.round(last === undefined ? Date.now() : statSync(folder.segment(last)).mtimeMs);
}

/**
 * The run id of a parent that has its folder beside a run's, or had it. Waits while another process is about to create it. Throws while
 * it waits for a sync itself: its children would lose it.
 */
export async function parentBeside(folder: RunFolder, localId: string): Promise<string | undefined> {
  const parent = new RunFolder(join(dirname(folder.path), localId));
  for (;;) {
    const created = parent.created();
    if (created) return created.run_id;
    if (!parent.exists()) return undefined;
    if (!isHeld(parent.lock)) throw new MltrackError('ABORTED', `Its parent ${parent.path} is not delivered yet`);
    await new Promise((resolve) => setTimeout(resolve, PARENT_PAUSE));
  }
}

/** Between two looks at whether another process has created the parent, in ms. */
const PARENT_PAUSE = 200;

/** Bytes that wait in a folder, and that have arrived. */
export function progressOf(folder: RunFolder): { done: number; total: number } {
  const last = folder.segments().at(-1);
  const total = last === undefined ? 0 : last + statSync(folder.segment(last)).size;
  return { done: Math.min(PositionFile.read(folder), total), total };
}

/** Delivers what is left in a spool, one run after the other: `mltrack sync`. */
import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Connection, withoutRetries } from '../../connect.js';
import { Stopped } from '../../delivery/delivery.js';
import { Problems } from '../../problems.js';
import { FolderDelivery, parentBeside, progressOf } from './delivering.js';
import { foldersIn, RunFolder, type SpooledRun } from './folder.js';
import { acquire, release } from './lock.js';

/** Tries in a row that may fail before a run is left where it is: some ten seconds. */
const FAILURES = 5;

export interface SyncOptions {
  /** The server for a run that was recorded for `uri`, or for none. */
  connect(uri: string | undefined): Connection;
  /** Bytes that were delivered, and that there are. */
  progress?(done: number, total: number): void;
}

export interface SyncedRun {
  readonly local_id: string;
  readonly name?: string;
  readonly run_id?: string;
  /** Where its records were refused, which is where they are now. */
  readonly refused?: string;
  /** Why it is still in the spool. */
  readonly left?: string;
}

/** `path` is a spool, or the folder of one run in it. A run that a living process writes, or another sync delivers, is left alone. */
export async function syncSpool(path: string, { connect, progress = () => {} }: SyncOptions): Promise<SyncedRun[]> {
  const folders = foldersAt(resolve(path));
  const sizes = folders.map((folder) => progressOf(folder));
  const total = sizes.reduce((sum, size) => sum + size.total - size.done, 0);
  let before = 0;
  const results: SyncedRun[] = [];
  // Between two tries nothing else keeps the process.
  const alive = setInterval(() => {}, 60_000);
  for (const [i, folder] of folders.entries()) {
    const { done, total: end } = sizes[i] as { done: number; total: number };
    const acknowledged = (at: number) => progress(before + Math.max(0, at - done), total);
    const result = await syncFolder(folder, connect, acknowledged);
    if (result) results.push(result);
    before += end - done;
    progress(before, total);
  }
  clearInterval(alive);
  return results;
}

function foldersAt(path: string): RunFolder[] {
  if (existsSync(`${path}/run.json`)) return [new RunFolder(path)];
  // An error says that there is no such folder; one without runs has nothing to deliver.
  readdirSync(path);
  return foldersIn(path);
}

/** Undefined when another has delivered it. */
async function syncFolder(
  folder: RunFolder,
  connect: SyncOptions['connect'],
  acknowledged: (at: number) => void,
): Promise<SyncedRun | undefined> {
  const run = folder.read();
  const named = { local_id: folder.localId, ...(run?.start.name !== undefined && { name: run.start.name }) };
  if (!run) return { ...named, left: 'its run.json cannot be read' };
  const client = connect(run.uri);
  const created = folder.created();
  if (created && run.uri !== undefined && client.uri !== run.uri) {
    return { ...named, run_id: created.run_id, left: `it was begun at ${run.uri}` };
  }
  try {
    if (!acquire(folder.lock)) return { ...named, left: 'another process has it' };
  } catch (error) {
    return folder.exists() ? { ...named, left: (error as Error).message } : undefined;
  }
  // Another sync may have delivered it meanwhile.
  if (!folder.read()) return undefined;
  try {
    return { ...named, ...(await deliver(folder, run, withoutRetries(client), acknowledged)) };
  } finally {
    if (folder.exists()) release(folder.lock);
  }
}

async function deliver(
  folder: RunFolder,
  { start }: SpooledRun,
  client: Connection,
  acknowledged: (at: number) => void,
): Promise<Omit<SyncedRun, 'local_id' | 'name'>> {
  let run_id: string | undefined;
  let trouble = '';
  const delivery = new FolderDelivery(folder, start, {
    client,
    live: false,
    problems: new Problems(({ message }) => {
      trouble = message;
      if (delivery.failures >= FAILURES) delivery.stop();
    }),
    parentOf: (localId) => parentBeside(folder, localId),
    established: (info) => {
      run_id = info.run_id;
    },
    acknowledged,
  });
  const known = () => ({
    ...(run_id !== undefined && { run_id }),
    ...(existsSync(folder.refused) && { refused: folder.refused }),
  });
  try {
    await delivery.run();
    return known();
  } catch (error) {
    delivery.stop();
    return { ...known(), left: error instanceof Stopped ? trouble : (error as Error).message };
  }
}

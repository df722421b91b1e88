/**
 * Who delivers a run's folder: one process, known by its id and its start, so that an id that is used again is not taken for it. On
 * another machine, or in another container, nobody can see that process: there the lock counts while it is touched.
 */
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
}

/** How often a holder touches its lock, and when one that nobody can see counts as gone, in ms. */
export const TOUCH = 15_000;
const STALE = 90_000;

const self: Holder = { pid: process.pid, started: startOf(process.pid), host: hostname() };

/** A process that takes over does so in no time; what it leaves behind when it dies there counts for so long, in ms. */
const TAKEOVER = 10_000;

/** Whether the lock is this process's now. Throws ENOENT when there is no folder for it. */
export function acquire(path: string): boolean {
  if (createdExclusively(path, JSON.stringify(self))) return true;
  if (isHeld(path)) return false;
  // One at a time takes a dead holder's place: what it finds dead then stays so until it is replaced.
  const turn = `${path}.turn`;
  if (!createdExclusively(turn, '')) {
    if (!isFresh(turn, TAKEOVER)) rmSync(turn, { force: true });
    return false;
  }
  try {
    if (textOf(path) === undefined || isHeld(path)) return false;
    writeFileSync(`${path}.new`, JSON.stringify(self));
    renameSync(`${path}.new`, path);
    return true;
  } finally {
    rmSync(turn, { force: true });
  }
}

function createdExclusively(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

export function release(path: string): void {
  rmSync(path, { force: true });
}

export function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // The folder was delivered and removed in the meantime.
  }
}

/** Whether a living process has the lock: this one counts too. */
export function isHeld(path: string): boolean {
  const text = textOf(path);
  if (text === undefined) return false;
  let holder: Holder;
  try {
    holder = JSON.parse(text) as Holder;
  } catch {
    // Cut off while it was written: its writer is gone, or not done yet.
    return isFresh(path);
  }
  if (holder.host !== self.host) return isFresh(path);
  return holder.pid === self.pid ? holder.started === self.started : startOf(holder.pid) === holder.started;
}

function isFresh(path: string, time = STALE): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs < time;
  } catch {
    return false;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** When a process started, or a mark of its being there where the system does not tell; empty when there is none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before it may hold anything but ends with the last parenthesis.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    if (process.platform === 'linux') return '';
  }
  try {
    process.kill(pid, 0);
    return 'there';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'there' : '';
  }
}

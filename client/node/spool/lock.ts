/**
 * Who delivers a run's folder: one process, known by its id and its start, so that an id that is used again is not taken for it. On
 * another machine, or in another container, nobody can see that process: there the lock counts while it is touched.
 */
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
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

/** Whether the lock is this process's now. */
export function acquire(path: string): boolean {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, JSON.stringify(self), { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isHeld(path) || !remove(path)) return false;
  }
  return false;
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

/** Takes a dead holder's lock away. Of two that try, one may meet the other's new lock, and puts it back. */
function remove(path: string): boolean {
  const dead = textOf(path);
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    const same = textOf(aside) === dead;
    if (!same) linkSync(aside, path);
    rmSync(aside, { force: true });
    return same;
  } catch (error) {
    // Another was faster.
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function isFresh(path: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs < STALE;
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

/**
 * What git knows of a folder. Commit, branch and the remote's URL are read from its files, which costs no process; only whether something
 * was changed since is asked of git itself.
 */
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface GitState {
  readonly commit: string;
  /** Undefined where no branch is checked out. */
  readonly branch: string | undefined;
  /** Without credentials; undefined where there is no remote. */
  readonly repoUrl: string | undefined;
  /** The working tree. */
  readonly folder: string;
}

/** Undefined where the folder is in no repository, or one without commits. It never throws. */
export function gitState(folder: string): GitState | undefined {
  try {
    const found = repositoryOf(resolve(folder));
    return found && stateOf(found);
  } catch {
    // Files of git that are not as they should be: the run goes on without.
    return undefined;
  }
}

interface Repository {
  readonly folder: string;
  /** Where HEAD lies. */
  readonly own: string;
  /** Where branches and the configuration lie; another place than `own` in a linked working tree. */
  readonly shared: string;
}

function repositoryOf(folder: string): Repository | undefined {
  const place = join(folder, '.git');
  const found = statSync(place, { throwIfNoEntry: false });
  if (found) {
    const own = found.isDirectory() ? place : resolve(folder, text(place).replace(/^gitdir:\s*/, ''));
    const common = textOrNone(join(own, 'commondir'));
    return { folder, own, shared: common === undefined ? own : resolve(own, common) };
  }
  const above = dirname(folder);
  return above === folder ? undefined : repositoryOf(above);
}

const text = (file: string) => readFileSync(file, 'utf8').trim();

function textOrNone(file: string): string | undefined {
  try {
    return text(file);
  } catch {
    return undefined;
  }
}

function stateOf({ folder, own, shared }: Repository): GitState | undefined {
  const head = text(join(own, 'HEAD'));
  const reference = /^ref:\s*(.+)$/.exec(head)?.[1];
  const commit = reference === undefined ? head : (textOrNone(join(shared, reference)) ?? packed(shared, reference));
  if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
  return { folder, commit, branch: reference?.replace(/^refs\/heads\//, ''), repoUrl: remoteUrl(shared) };
}

function packed(shared: string, reference: string): string | undefined {
  const lines = textOrNone(join(shared, 'packed-refs'))?.split('\n') ?? [];
  return lines.find((line) => line.endsWith(` ${reference}`))?.split(' ')[0];
}

/** That of origin, else of the first remote. */
function remoteUrl(shared: string): string | undefined {
  const urls = new Map<string, string>();
  let remote: string | undefined;
  for (const line of textOrNone(join(shared, 'config'))?.split('\n') ?? []) {
    if (/^\s*\[/.test(line)) remote = /^\s*\[remote "(.+)"\]/.exec(line)?.[1];
    const url = /^\s*url\s*=\s*(.+?)\s*$/.exec(line)?.[1];
    if (remote !== undefined && url !== undefined && !urls.has(remote)) urls.set(remote, url);
  }
  const url = urls.get('origin') ?? urls.values().next().value;
  // `https://user:token@host/…` would show the token to whoever sees the run.
  return url?.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}

/** How long git may take, in ms. */
const PATIENCE = 2000;

/** Whether files that git follows were changed since the commit; undefined when git does not say in time, or is not there. */
export function isDirty({ folder }: GitState): Promise<boolean | undefined> {
  const args = ['--no-optional-locks', 'status', '--porcelain', '--untracked-files=no', '--ignore-submodules'];
  return new Promise((done) => {
    const child = execFile('git', args, { cwd: folder, timeout: PATIENCE, maxBuffer: 1 << 26 }, (error, stdout) =>
      done(error ? undefined : stdout !== ''),
    );
    // A script that is done does not wait for it.
    child.unref();
    for (const stream of [child.stdout, child.stderr]) (stream as { unref?(): void } | null)?.unref?.();
  });
}

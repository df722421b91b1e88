/** CPU time and memory of a server's whole process tree, read from /proc: Linux only. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const msPerTick =
  process.platform === 'linux' ? 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : 0;

interface Process {
  pid: number;
  parent: number;
  /** User and system time of all its threads and of its children that ended, in ms. */
  cpuMs: number;
}

/** The process and all its descendants. Empty when it is gone. */
export function tree(root: number): Process[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (processOf(Number(name)) ?? []) : []));
  const found = all.filter((each) => each.pid === root);
  for (const parent of found) found.push(...all.filter((each) => each.parent === parent.pid));
  return found;
}

/** CPU time that the tree has used since it started, in ms; a tick of the kernel's clock is usually 10 ms. */
export function cpuOf(root: number): number {
  return tree(root).reduce((sum, each) => sum + each.cpuMs, 0);
}

/** Proportional set size of the tree in MB (10^6 bytes): shared pages are counted once. */
export function memoryOf(root: number): number {
  const kibibytes = tree(root).map(({ pid }) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]);
  });
  return (kibibytes.reduce((sum, each) => sum + each, 0) * 1024) / 1e6;
}

/** Share of one core that the tree uses when nobody asks it anything. Waits until a server that has just started is done. */
export async function restingRate(root: number): Promise<number> {
  const deadline = Date.now() + 90_000;
  for (let before = cpuOf(root); Date.now() < deadline; ) {
    await sleep(1500);
    const now = cpuOf(root);
    if (now - before < 100) return Math.max(0, now - before - msPerTick) / 1500;
    before = now;
  }
  throw new Error(`Process ${root} did not come to rest.`);
}

/** Resolves when `isDone`, and the tree has used no more than its resting rate for 1.5 s: work behind the answers counts too. */
export async function settled(root: number, restingRate: number, isDone: () => boolean): Promise<void> {
  const windowMs = 1500;
  const samples: { at: number; cpuMs: number }[] = [];
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(250)) {
    const now = { at: performance.now(), cpuMs: cpuOf(root) };
    samples.push(now);
    while (samples[1] && now.at - samples[1].at >= windowMs) samples.shift();
    const first = samples[0]!;
    const elapsed = now.at - first.at;
    const isIdle = elapsed >= windowMs && now.cpuMs - first.cpuMs <= restingRate * elapsed + 2 * msPerTick;
    if (isIdle && isDone()) return;
  }
  throw new Error(`Process ${root} is still busy a minute after its last request.`);
}

function processOf(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name, in parentheses, may hold spaces; proc(5) numbers the fields from 1, and the state after it is 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (number: number) => Number(fields[number - 3]);
    return { pid, parent: field(4), cpuMs: (field(14) + field(15) + field(16) + field(17)) * msPerTick };
  } catch {
    return undefined;
  }
}

/**
 * How a process that ends leaves its runs: FINISHED where it ran to its end, FAILED with the error where it threw or its exit code says
 * so, KILLED by SIGINT and SIGTERM. Nothing of the process's own way to end is changed.
 */
import { constants } from 'node:os';
import type { RunStatus } from '../../api/index.js';
import type { Run } from './run.js';
import { senderLinks } from './spool/open.js';

/** How long a process that was told to end, or failed, waits for the server, in ms. */
const GRACE = 5_000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Signal = NodeJS.Signals;

let watched: (() => readonly Run[]) | undefined;
let failure: unknown;
let signalled: Signal | undefined;

/** Installed once, with the first run. */
export function watchExit(runs: () => readonly Run[]): void {
  if (watched) return;
  watched = runs;
  process.on('beforeExit', (code) => {
    for (const run of runs()) if (!run.ended) run.end(statusOf(code));
  });
  process.on('uncaughtExceptionMonitor', (error) => {
    // Where the program catches it, the run goes on.
    if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return;
    failure = error ?? new Error(String(error));
  });
  process.on('exit', (code) => settleNow(statusOf(code), code === 0 ? undefined : GRACE));
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
}

function statusOf(code: number): RunStatus {
  if (signalled) return 'KILLED';
  return failure !== undefined || code !== 0 ? 'FAILED' : 'FINISHED';
}

/** The program's own handlers decide, if there are any; a second signal ends the process in any case. */
function onSignal(signal: Signal): void {
  const again = signalled === signal;
  signalled = signal;
  const alone = process.listenerCount(signal) === 1;
  if (!alone && !again) return;
  settleNow('KILLED', GRACE);
  if (!alone) process.exit(128 + constants.signals[signal]);
  process.removeListener(signal, onSignal);
  process.kill(process.pid, signal);
}

/** Ends the open runs and waits for their delivery without returning to the event loop, which may be no more. */
function settleNow(status: RunStatus, limit: number | undefined): void {
  const runs = watched?.() ?? [];
  if (runs.length === 0) return;
  for (const run of runs) if (!run.ended) run.markEnded(status, failure);
  const timeout = Math.min(limit ?? Number.POSITIVE_INFINITY, ...runs.map((run) => run.flushTimeout));
  for (const link of senderLinks()) link.waitNow(() => runs.every((run) => run.isSettled), timeout);
  for (const run of runs) run.settle(run.outcome);
}

/** A thread over a PostgreSQL pool: requests run side by side, each in its own transaction. */
import { failed, type StoreResponse } from '../answer.js';
import { openPool, type PostgresPool } from '../db/postgres.js';
import { prepare } from '../dispatch.js';
import { endpoints } from '../endpoints.js';
import type { StoreChange } from '../events/changes.js';
import { createMemory } from '../store/context.js';
import { foldRun, unfoldedRuns } from '../store/folding/metric-fold.js';
import { prepareStore } from '../store/prepare.js';
import { FoldQueue } from './fold-queue.js';
import type { ThreadRequest, ThreadSettings } from './messages.js';
import { deadlineCheck } from './reader.js';
import type { Role } from './worker.js';
import type { WriterOptions } from './writer.js';

type Options = WriterOptions;

export async function openPostgresRole(settings: ThreadSettings, options: Options): Promise<Role> {
  const pool = await openPool(settings.database, settings.connections);
  await pool.exclusively((db) => prepareStore(db, settings));
  const folds = new FoldQueue();
  for (const run of await pool.transaction('read', unfoldedRuns)) folds.appended(run, 0);
  // Another server may have changed the webhooks.
  const forget = setInterval(() => options.memory.subscriptions.clear(), settings.webhooks.cacheTime || 1).unref();
  const running = new Set<Promise<void>>();
  const fold = async (run: number) => {
    folds.take(run);
    let more = true;
    try {
      more = await pool.transaction('write', (db) => foldRun(db, run));
    } finally {
      if (more) folds.appended(run, 0);
    }
  };
  return {
    async answer(requests, reply) {
      for (const request of requests) {
        const task = handle(pool, options, folds, request).then((response) => {
          reply([request], [response]);
          running.delete(task);
        });
        running.add(task);
      }
    },
    async urgent() {
      const run = folds.urgent();
      if (run !== undefined) await fold(run);
    },
    async idle() {
      const run = folds.next();
      if (run !== undefined) await fold(run);
      return folds.next() !== undefined;
    },
    async close() {
      clearInterval(forget);
      await Promise.all(running);
      await pool.close();
    },
  };
}

async function handle(
  pool: PostgresPool,
  options: Options,
  folds: FoldQueue,
  request: ThreadRequest,
): Promise<StoreResponse> {
  const appended: [number, number][] = [];
  let enqueued = false;
  const changed: StoreChange[] = [];
  const changes = options.outbox?.isWatched && { changed: (change: StoreChange) => void changed.push(change) };
  try {
    const checkDeadline = deadlineCheck(request.deadline);
    checkDeadline();
    const access = endpoints[request.endpoint].access === 'write' ? 'write' : 'read';
    const response = await pool.transaction(access, async (db) => {
      appended.length = 0;
      enqueued = false;
      changed.length = 0;
      // Again after a lost race: the message may have been changed in place, so it is read from its bytes anew.
      return prepare(request)({
        ...options,
        ...changes,
        db,
        memory: {
          ...createMemory(false),
          subscriptions: options.memory.subscriptions,
          runJson: options.memory.runJson,
        },
        now: Date.now,
        appended: (run, bytes) => appended.push([run, bytes]),
        enqueued: () => {
          enqueued = true;
        },
        checkDeadline,
      });
    });
    for (const [run, bytes] of appended) folds.appended(run, bytes);
    if (enqueued) options.onEnqueued?.();
    options.outbox?.committed(changed);
    return response;
  } catch (error) {
    return failed(error);
  }
}

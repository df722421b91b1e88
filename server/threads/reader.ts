/** A reader of a SQLite database: each request sees one state of it, with every write that was acknowledged before. */
import { MltrackError } from '../../api/index.js';
import { failed, type StoreResponse } from '../answer.js';
import type { SqliteDb } from '../db/sqlite.js';
import { prepare } from '../dispatch.js';
import type { StoreContext } from '../store/context.js';
import type { ThreadRequest } from './messages.js';

/** Throws once the request has had its time. */
export function deadlineCheck(deadline: number): () => void {
  return () => {
    if (Date.now() > deadline) {
      throw new MltrackError('DEADLINE_EXCEEDED', 'The request took too long: ask for fewer results at a time.');
    }
  };
}

export async function read(
  db: SqliteDb,
  context: Pick<StoreContext, 'settings' | 'memory'>,
  request: ThreadRequest,
): Promise<StoreResponse> {
  const checkDeadline = deadlineCheck(request.deadline);
  try {
    checkDeadline();
    const call = prepare(request);
    db.control('begin');
    try {
      return await call({ ...context, db, now: Date.now, appended: () => {}, enqueued: () => {}, checkDeadline });
    } finally {
      db.control('rollback');
    }
  } catch (error) {
    return failed(error);
  }
}

/** The two kinds of SQLite threads: the writer, which also migrates and folds, and readers. */

import { lockDatabase, openReader, openWriter } from '../db/sqlite.js';
import { prepareStore } from '../store/prepare.js';
import type { ThreadSettings } from './messages.js';
import { read } from './reader.js';
import type { Role } from './worker.js';
import { Writer, type WriterOptions } from './writer.js';

/** Requests of one transaction: more would make the first of them wait. */
const GROUP_REQUESTS = 512;
/** How long closing may fold, in ms: the rest is folded at the next start. */
const CLOSING_FOLD = 10_000;

export async function openWriterRole(settings: ThreadSettings, options: WriterOptions): Promise<Role> {
  const lock = lockDatabase(settings.database);
  const db = openWriter(settings.database);
  await db.transaction(() => prepareStore(db, settings));
  const writer = new Writer(db, options);
  await writer.findUnfolded();
  return {
    async answer(requests, reply) {
      for (let at = 0; at < requests.length; at += GROUP_REQUESTS) {
        const group = requests.slice(at, at + GROUP_REQUESTS);
        reply(group, await writer.group(group));
      }
    },
    async urgent() {
      const run = writer.folds.urgent();
      if (run !== undefined) await writer.fold(run);
    },
    async idle() {
      const run = writer.folds.next();
      if (run !== undefined) await writer.fold(run);
      return writer.folds.next() !== undefined;
    },
    async close() {
      const end = Date.now() + CLOSING_FOLD;
      for (let run = writer.folds.next(); run !== undefined && Date.now() < end; run = writer.folds.next()) {
        await writer.fold(run);
      }
      db.close();
      lock.release();
    },
  };
}

export async function openReaderRole(settings: ThreadSettings, options: WriterOptions): Promise<Role> {
  const db = openReader(settings.database);
  return {
    async answer(requests, reply) {
      for (const request of requests) reply([request], [await read(db, options, request)]);
    },
    close: async () => db.close(),
  };
}

/** Which programs are alive, and what becomes of the runs of those that are not. */
import { SILENT_TAG, type heartbeats as table } from '../../api/beyond/heartbeats.js';
import type { Handlers } from '../../api/endpoint.js';
import { RUN_STATUS } from '../../api/index.js';
import { sql } from '../db/sql.js';
import type { heartbeatCalls } from '../heartbeats/calls.js';
import type { StoreContext } from './context.js';
import { checkRunActive, findRun, runs, setTag } from './runs.js';
import { touchRun } from './search/run-json.js';

/** Heartbeats that are wanted within a time-out: one that is lost does no harm. */
const WITHIN_TIMEOUT = 4;

export const heartbeats: Handlers<typeof table & typeof heartbeatCalls, StoreContext> = {
  async sendHeartbeat({ run_id }, ctx) {
    const run = await findRun(ctx, run_id, 'update');
    checkRunActive(run_id, run);
    const { heartbeatTimeout: timeout = 0 } = ctx.settings;
    if (timeout === 0) return {};
    await ctx.db.run(
      sql`insert into heartbeats (run, seen_at) values (${run.id}, ${ctx.now()})
          on conflict (run) do update set seen_at = excluded.seen_at`,
    );
    const revived = await revive(ctx, run.id);
    return { interval: Math.ceil(timeout / WITHIN_TIMEOUT), ...(revived && { revived }) };
  },

  async endSilentRun({ before }, ctx) {
    for (;;) {
      const silent = await ctx.db.get<{ run: number; run_id: string; seen_at: number; status: number; stage: string }>(
        sql`select heartbeats.run, runs.run_id, seen_at, runs.status, lifecycle_stage as stage
            from heartbeats join runs on runs.id = heartbeats.run where seen_at < ${before} order by seen_at limit 1`,
      );
      if (!silent) return {};
      const { run, run_id, seen_at } = silent;
      // What has ended, or was deleted, needs no watching.
      await ctx.db.run(sql`delete from heartbeats where run = ${run} and seen_at = ${seen_at}`);
      if (silent.status !== RUN_STATUS.RUNNING || silent.stage !== 'active') continue;
      await runs.updateRun({ run_id, status: 'KILLED', end_time: seen_at }, ctx);
      const value = `Nothing was heard of its program since ${new Date(seen_at).toISOString()}`;
      await setTag(ctx, run, { key: SILENT_TAG, value });
      await touchRun(ctx, run);
      return { run_id };
    }
  },
};

async function revive(ctx: StoreContext, run: number): Promise<boolean> {
  const marked = await ctx.db.run(sql`delete from tags where run = ${run} and key = ${SILENT_TAG}`);
  if (marked === 0) return false;
  await ctx.db.run(
    sql`update runs set status = ${RUN_STATUS.RUNNING}, end_time = null, revision = revision + 1
        where id = ${run} and status = ${RUN_STATUS.KILLED}`,
  );
  return true;
}

/** What the events must know of what changed: where a run is, and who may read that. */
import type { Handlers } from '../../../api/endpoint.js';
import { joined, listed, sql } from '../../db/sql.js';
import type { eventCalls as table } from '../../events/calls.js';
import { visibleExperiments } from '../auth/visible.js';
import type { StoreContext } from '../context.js';
import { experimentIdOf } from '../validation.js';

/** Runs asked for at a time: a statement takes so many parameters. */
const SLICE = 1_000;

export const watched: Handlers<typeof table, StoreContext> = {
  async findRunExperiments({ run_ids }, ctx) {
    const runs: { run_id: string; experiment_id: string }[] = [];
    for (let at = 0; at < run_ids.length; at += SLICE) {
      const found = await ctx.db.all<{ run_id: string; experiment: number }>(
        sql`select run_id, experiment from runs where run_id in (${listed(run_ids.slice(at, at + SLICE))})`,
      );
      for (const { run_id, experiment } of found) runs.push({ run_id, experiment_id: String(experiment) });
    }
    return { runs };
  },

  async findReadableExperiments({ experiment_ids }, ctx) {
    const numbers = experiment_ids.map(experimentIdOf).filter((number) => number !== undefined);
    if (numbers.length === 0) return { experiment_ids: [] };
    const conditions = [sql`id in (${listed(numbers)})`, ...visibleExperiments(ctx, sql`experiments.id`)];
    const found = await ctx.db.all<{ id: number }>(
      sql`select id from experiments where ${joined(conditions, ' and ')}`,
    );
    return { experiment_ids: found.map(({ id }) => String(id)) };
  },
};

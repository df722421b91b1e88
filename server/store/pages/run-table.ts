/** Runs as a table shows them: pages of the asked columns, how many there are, and whole columns. What there is to choose from is in run-keys.ts. */

import type { runTable as table } from '../../../api/beyond/run-table.js';
import type { Handlers } from '../../../api/endpoint.js';
import { type KeyValue, type Metric, type Output, RUN_STATUS, type Run, type RunColumn } from '../../../api/index.js';
import { raw, sql } from '../../db/sql.js';
import { wireDouble } from '../../encode.js';
import { type Column, readColumns } from '../../search/run-table.js';
import { runColumns } from '../../search/runs.js';
import type { StoreContext } from '../context.js';
import { wireMetric } from '../metric-reads.js';
import { type RunRow, runInfo } from '../run-pages.js';
import { findRunPage, matchingRuns } from '../search/runs.js';
import { pageSize } from '../validation.js';
import { among, metricCells, metricValues, textCells } from './cells.js';
import { searchRunKeys, searchRunValues } from './run-keys.js';

export const runTable: Handlers<typeof table, StoreContext> = {
  async searchRunRows(request, ctx) {
    const limit = pageSize(request.max_results, 100, 1000);
    const columns = readColumns(request.columns);
    const { runs, next_page_token, unfolded } = await findRunPage(ctx, request, limit);
    const rows = await readRows(
      ctx,
      runs.map(({ id }) => id),
      unfolded,
      columns,
    );
    return { ...(rows.length > 0 && { runs: rows }), ...(next_page_token && { next_page_token }) };
  },

  async countRuns(request, ctx) {
    const counts = new Map<number, number>();
    const experiments = new Map<number, { total: number; running: number; latest_start_time: number }>();
    for (const runs of await matchingRuns(ctx, request)) {
      ctx.checkDeadline();
      const found = await ctx.db.all<{ experiment: number; status: number; runs: number; latest: number }>(
        sql`select runs.experiment, runs.status, count(*) as runs, max(runs.start_time) as latest
          from ${runs} group by runs.experiment, runs.status`,
      );
      for (const row of found) {
        counts.set(row.status, (counts.get(row.status) ?? 0) + row.runs);
        const own = experiments.get(row.experiment) ?? { total: 0, running: 0, latest_start_time: -Infinity };
        own.total += row.runs;
        if (row.status === RUN_STATUS.RUNNING) own.running += row.runs;
        own.latest_start_time = Math.max(own.latest_start_time, row.latest);
        experiments.set(row.experiment, own);
      }
    }
    const statuses = Object.entries(RUN_STATUS).flatMap(([status, number]) => {
      const runs = counts.get(number);
      return runs === undefined ? [] : [{ status, runs }];
    });
    const total = statuses.reduce((sum, { runs }) => sum + runs, 0);
    const each = [...experiments].map(([id, count]) => ({ experiment_id: String(id), ...count }));
    return {
      total,
      statuses,
      ...(total > 0 && { latest_start_time: Math.max(...each.map(({ latest_start_time }) => latest_start_time)) }),
      ...(request.by_experiment && each.length > 0 && { experiments: each }),
    };
  },

  async getRunColumns(request, ctx) {
    const limit = pageSize(request.max_results, 1000, 10_000);
    const columns = readColumns(request.columns);
    const { runs, unfolded } = await findRunPage(ctx, request, limit);
    const ids = runs.map(({ id }) => id);
    return { run_ids: runs.map(({ run_id }) => run_id), columns: await readWhole(ctx, ids, unfolded, columns) };
  },

  searchRunKeys,
  searchRunValues,
};

/** Runs with nothing but their facts and the columns, each once. */
async function readRows(
  ctx: StoreContext,
  ids: readonly number[],
  unfolded: ReadonlySet<number>,
  asked: readonly Column[],
): Promise<Run[]> {
  const columns = [...new Map(asked.map((column) => [nameOf(column), column])).values()];
  const [params, tags, metrics] = [of(columns, 'parameter'), of(columns, 'tag'), of(columns, 'metric')];
  const data = new Map<number, Run['data']>(ids.map((id) => [id, {}]));
  for (const [name, table, keys] of [
    ['params', 'params', params],
    ['tags', 'tags', tags],
  ] as const) {
    const places = new Map(keys.map(({ key }, i) => [key, i]));
    const byRun = new Map<number, KeyValue[]>();
    for (const { run, key, value } of await textCells(ctx, table, ids, [...places.keys()])) {
      const list = byRun.get(run);
      if (list) list.push({ key, value });
      else byRun.set(run, [{ key, value }]);
    }
    for (const [run, list] of byRun) {
      list.sort((a, b) => (places.get(a.key) as number) - (places.get(b.key) as number));
      (data.get(run) as Run['data'])[name] = list;
    }
  }
  const cells = await metricCells(ctx, ids, unfolded, metrics);
  const found = await ctx.db.all<RunRow>(sql`select * from runs where id in ${among(ctx, ids)}`);
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.map((id) => {
    const values = metrics.flatMap((column, i): Metric[] => {
      const cell = cells[i]?.get(id);
      return cell ? [wireMetric(nameOf(column), cell)] : [];
    });
    const run = data.get(id) as Run['data'];
    if (values.length > 0) run.metrics = values;
    return { info: runInfo(byId.get(id) as RunRow), data: run };
  });
}

const of = (columns: readonly Column[], entity: Column['entity']) =>
  columns.filter((column) => column.entity === entity);

/** What tells a column from others of its kind: an aggregate is named as it was asked for. */
const nameOf = ({ entity, key, aggregate, text }: Column) =>
  aggregate === undefined ? (entity === 'metric' ? key : `${entity}.${key}`) : text;

async function readWhole(
  ctx: StoreContext,
  ids: readonly number[],
  unfolded: ReadonlySet<number>,
  columns: readonly Column[],
): Promise<Output<(typeof table)['getRunColumns']['response']>['columns']> {
  const metrics = of(columns, 'metric');
  const cells = await metricValues(ctx, ids, unfolded, metrics);
  const found: RunColumn[] = [];
  for (const column of columns) {
    if (column.entity === 'metric') {
      const values = cells[metrics.indexOf(column)];
      found.push({
        column: column.text,
        numbers: ids.map((id) => wireDouble(values?.get(id) ?? Number.NaN)),
        ...missing(ids, (id) => values?.has(id)),
      });
    } else {
      ctx.checkDeadline();
      const texts = await textsOf(ctx, ids, column);
      found.push({
        column: column.text,
        texts: ids.map((id) => texts.get(id) ?? ''),
        ...missing(ids, (id) => texts.has(id)),
      });
    }
  }
  return found;
}

async function textsOf(ctx: StoreContext, ids: readonly number[], { entity, key }: Column) {
  if (entity === 'attribute') return attributeCells(ctx, ids, key);
  const cells = await textCells(ctx, entity === 'tag' ? 'tags' : 'params', ids, [key]);
  return new Map(cells.map(({ run, value }) => [run, value]));
}

function missing(ids: readonly number[], has: (id: number) => boolean | undefined): { missing?: number[] } {
  const places: number[] = [];
  ids.forEach((id, i) => {
    if (!has(id)) places.push(i);
  });
  return places.length > 0 ? { missing: places } : {};
}

/** An attribute of the runs that have it, as text. */
async function attributeCells(ctx: StoreContext, ids: readonly number[], key: string): Promise<Map<number, string>> {
  const value = raw(runColumns.attributes[key]?.sql as string);
  const found = await ctx.db.all<{ id: number; value: string | number | null }>(
    sql`select id, ${value} as value from runs where id in ${among(ctx, ids)}`,
  );
  const cells = new Map<number, string>();
  for (const row of found) if (row.value !== null) cells.set(row.id, String(row.value));
  return cells;
}

/** Runs: their facts and life. What they log is in logging.ts, how a page of them is read in run-pages.ts. */
import { randomUUID } from 'node:crypto';
import { SILENT_TAG } from '../../api/beyond/heartbeats.js';
import type { Handlers } from '../../api/endpoint.js';
import {
  CLIENT_ID_TAG,
  invalid,
  type KeyValue,
  missing,
  RUN_STATUS,
  type Run,
  type RunInfo,
  type RunStatus,
} from '../../api/index.js';
import type { runs as table } from '../../api/runs.js';
import { below } from '../artifacts/locations.js';
import { raw, rows, sql } from '../db/sql.js';
import { encodedAs } from '../encode.js';
import type { RunState, StoreContext } from './context.js';
import { checkActive, findExperiment } from './experiments.js';
import { checkRunTag, firstTag } from './logging.js';
import { randomName } from './run-names.js';
import { loadRuns, type RunRow, runInfo } from './run-pages.js';
import { type RunVersion, runJson } from './search/run-json.js';
import { searchRunPage } from './search/runs.js';
import { runIdOf } from './validation.js';
import { announceRun } from './webhooks/announce.js';

export const RUN_NAME_TAG = 'mlflow.runName';

export const runs: Handlers<typeof table, StoreContext> = {
  async createRun({ experiment_id, user_id, run_name, start_time, tags }, ctx) {
    const tagged = new Map(tags.map((tag) => [tag.key, tag.value]));
    const clientId = tagged.get(CLIENT_ID_TAG);
    // Two tries at once of a client would not see each other.
    const experiment = await findExperiment(ctx, experiment_id || '0', clientId ? 'update' : 'share');
    checkActive(experiment);
    const name = nameOf(run_name, tags);
    const known = await createdBefore(ctx, experiment.id, clientId, start_time);
    if (known) return { run: known };
    tagged.set(RUN_NAME_TAG, name);
    const distinct = [...tagged].map(([key, value]) => firstTag(ctx, { key, value }));
    const run_id = randomUUID().replaceAll('-', '');
    const artifactUri = below(experiment.artifact_location, `${run_id}/artifacts`);
    // SQLite may give it the number of a run that is gone for good: the time makes sure that no thread takes it for that run.
    const row = (await ctx.db.get<RunRow>(
      sql`insert into runs (run_id, experiment, name, user_id, status, start_time, artifact_uri, lifecycle_stage, revision)
          values (${run_id}, ${experiment.id}, ${name}, ${user_id ?? ''}, ${RUN_STATUS.RUNNING}, ${start_time ?? ctx.now()},
                  ${artifactUri}, 'active', ${ctx.now()}) returning *`,
    )) as RunRow;
    await ctx.db.run(
      sql`insert into tags (run, key, value) values ${rows(distinct.map(({ key, value }) => [row.id, key, value]))}`,
    );
    const info = runInfo(row);
    await announceRun(ctx, 'CREATED', info);
    return { run: { info, data: { tags: distinct }, inputs: {} } };
  },

  async getRun(request, ctx) {
    const id = runIdOf(request);
    const row = await ctx.db.get<RunVersion & { unfolded: number }>(
      sql`select id, revision, exists (select 1 from metric_log where run = runs.id) as unfolded
          from runs where run_id = ${id}`,
    );
    if (!row) throw runNotFound(id);
    const [json] = await runJson(ctx, [row], new Set(row.unfolded ? [row.id] : []));
    return encodedAs([RUN, json as Uint8Array, END]);
  },

  async updateRun(request, ctx) {
    const id = runIdOf(request);
    const before = await findRun(ctx, id, 'update');
    checkRunActive(id, before);
    const { status, end_time, run_name } = request;
    if (run_name) {
      const tag = checkRunTag(ctx, { key: RUN_NAME_TAG, value: run_name }, 'run_name');
      await setTag(ctx, before.id, tag);
    }
    const was = status && (await ctx.db.get<RunRow>(sql`select * from runs where id = ${before.id}`));
    const row = (await ctx.db.get<RunRow>(
      sql`update runs set status = coalesce(${status ? RUN_STATUS[status] : null}, status),
                          end_time = coalesce(${end_time ?? null}, end_time), revision = revision + 1
          where id = ${before.id} returning *`,
    )) as RunRow;
    // Whoever says how it stands knows better than those who heard nothing.
    if (status) await ctx.db.run(sql`delete from tags where run = ${before.id} and key = ${SILENT_TAG}`);
    const info: RunInfo = runInfo(row);
    const end = was && was.status !== row.status ? END_OF[info.status] : undefined;
    if (end) await announceRun(ctx, end, info);
    return { run_info: info };
  },

  async deleteRun(request, ctx) {
    return changeStage(ctx, runIdOf(request), 'deleted');
  },

  async restoreRun(request, ctx) {
    return changeStage(ctx, runIdOf(request), 'active');
  },

  searchRuns: (request, ctx) => searchRunPage(ctx, request),
};

const RUN = Buffer.from('{"run":');
const END = Buffer.from('}');

/** The event that a status brings. */
const END_OF: Partial<Record<RunStatus, 'FINISHED' | 'FAILED' | 'KILLED'>> = {
  FINISHED: 'FINISHED',
  FAILED: 'FAILED',
  KILLED: 'KILLED',
};

/** The run's name: given, from the tag, or made up. Both must agree. */
function nameOf(given: string | undefined, tags: readonly KeyValue[]): string {
  const tag = tags.find((each) => each.key === RUN_NAME_TAG)?.value;
  if (given && tag && given !== tag) {
    throw invalid(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${given}', mlflow.runName='${tag}').`,
    );
  }
  return given || tag || randomName();
}

export const runNotFound = (id: string) => missing(`Run with id=${id} not found`);

export function checkRunActive(id: string, run: RunState): void {
  if (run.lifecycle_stage !== 'active') {
    throw invalid(`The run ${id} must be in the 'active' state. Current state is ${run.lifecycle_stage}.`);
  }
}

/** What a write must know of the run, which stays so until the transaction ends. Throws RESOURCE_DOES_NOT_EXIST. */
export async function findRun(ctx: StoreContext, id: string, intent: 'update' | 'share'): Promise<RunState> {
  const known = ctx.memory.runs.get(id);
  if (known) return known;
  const { forUpdate, forShare } = ctx.db.dialect;
  const row = await ctx.db.get<RunState>(
    sql`select id, lifecycle_stage from runs where run_id = ${id} ${intent === 'update' ? forUpdate : forShare}`,
  );
  if (!row) throw runNotFound(id);
  ctx.memory.runs.set(id, row);
  return row;
}

/** Upserts a checked tag; the tag mlflow.runName renames the run, which cannot be without a name. */
export async function setTag(ctx: StoreContext, run: number, { key, value }: KeyValue): Promise<void> {
  if (key === RUN_NAME_TAG && value === '') return;
  await ctx.db.run(
    sql`insert into tags (run, key, value) values (${run}, ${key}, ${value})
        on conflict (run, key) do update set value = excluded.value`,
  );
  if (key === RUN_NAME_TAG) await ctx.db.run(sql`update runs set name = ${value} where id = ${run}`);
}

/** Idempotent, as MLflow's. */
async function changeStage(ctx: StoreContext, id: string, stage: 'active' | 'deleted'): Promise<Record<string, never>> {
  const run = await findRun(ctx, id, 'update');
  const deletedTime = stage === 'deleted' ? ctx.now() : null;
  await ctx.db.run(
    sql`update runs set lifecycle_stage = ${stage}, deleted_time = ${deletedTime}, revision = revision + 1 where id = ${run.id}`,
  );
  ctx.memory.runs.delete(id);
  return {};
}

/**
 * The run that a client has created and has not seen the answer for: its request may still have been under way when the client,
 * or the one that came after it, looked whether the run is there. A copy of the run's tags begins at another time.
 */
async function createdBefore(
  ctx: StoreContext,
  experiment: number,
  clientId: string | undefined,
  start: number | undefined,
): Promise<Run | undefined> {
  if (!clientId || start === undefined) return undefined;
  const found = await ctx.db.all<RunRow>(
    sql`select runs.* from tags join runs on runs.id = tags.run
        where key = ${raw(`'${CLIENT_ID_TAG}'`)} and substr(value, 1, 200) = substr(${clientId}, 1, 200) and value = ${clientId}
          and experiment = ${experiment} and start_time = ${start} order by runs.id limit 1`,
  );
  return (await loadRuns(ctx, found))[0];
}

/** Traces as clients of MLflow 2 log and find them, and links of traces. */
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, type KeyValue, type OlderTraceInfo } from '../../../api/index.js';
import type { olderTraces as table } from '../../../api/traces/older-traces.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { checkActive, findExperiment } from '../experiments.js';
import { findTrace, linkTraces, loadTraces, setMetadata, setTags, type TraceRow, type WholeTrace } from './rows.js';
import { searchTracePage } from './search.js';
import { locationOf, traces } from './traces.js';

/** Source: `MAX_TRACE_LINKS_PER_REQUEST` in `mlflow/tracing/utils`. */
const MOST_LINKS = 100;

const UNSPECIFIED = 'STATE_UNSPECIFIED';

export const olderTraces: Handlers<typeof table, StoreContext> = {
  async startOlderTrace({ experiment_id, timestamp_ms, request_metadata, tags }, ctx) {
    const experiment = await findExperiment(ctx, experiment_id || '0', 'share');
    checkActive(experiment);
    const request_id = randomUUID().replaceAll('-', '');
    const row = (await ctx.db.get<TraceRow>(
      sql`insert into traces (request_id, experiment, timestamp_ms, status)
          values (${request_id}, ${experiment.id}, ${timestamp_ms ?? ctx.now()}, 'IN_PROGRESS') returning *`,
    )) as TraceRow;
    const location = locationOf(experiment.artifact_location, request_id);
    await setTags(ctx, row, [...pairs(tags), ['mlflow.artifactLocation', location]]);
    await setMetadata(ctx, row, pairs(request_metadata));
    return { trace_info: await olderInfo(ctx, row) };
  },

  async endOlderTrace({ request_id, timestamp_ms, status, request_metadata, tags }, ctx) {
    const before = await findTrace(ctx, request_id, 'update');
    const state = status === undefined || status === 'TRACE_STATUS_UNSPECIFIED' ? UNSPECIFIED : status;
    const took = (timestamp_ms ?? ctx.now()) - before.timestamp_ms;
    const row = (await ctx.db.get<TraceRow>(
      sql`update traces set execution_time_ms = ${took}, status = ${state} where id = ${before.id} returning *`,
    )) as TraceRow;
    await setTags(ctx, row, pairs(tags));
    await setMetadata(ctx, row, pairs(request_metadata));
    return { trace_info: await olderInfo(ctx, row) };
  },

  async getOlderTraceInfo({ request_id }, ctx) {
    return { trace_info: await olderInfo(ctx, await findTrace(ctx, request_id)) };
  },

  async searchOlderTraces({ experiment_ids, ...query }, ctx) {
    if (experiment_ids.length === 0) {
      throw invalid(
        "Missing value for required parameter 'experiment_ids'. See the API docs for more information about request parameters.",
      );
    }
    const { traces: found, next } = await searchTracePage(ctx, { ...query, experimentIds: experiment_ids });
    return {
      ...(found.length > 0 && { traces: found.map(olderInfoOf) }),
      ...(next !== undefined && { next_page_token: next }),
    };
  },

  deleteOlderTraces: (request, ctx) => traces.deleteTraces(request, ctx),

  setOlderTraceTag: ({ request_id, key, value }, ctx) => traces.setTraceTag({ trace_id: request_id, key, value }, ctx),

  deleteOlderTraceTag: ({ request_id, key }, ctx) => traces.deleteTraceTag({ trace_id: request_id, key }, ctx),

  async linkTracesToRun({ trace_ids, run_id }, ctx) {
    if (trace_ids.length > MOST_LINKS) {
      throw invalid(
        `Cannot link more than ${MOST_LINKS} traces to a run in a single request. Provided ${trace_ids.length} traces.`,
      );
    }
    await linkTraces(
      ctx,
      'run',
      trace_ids.map((id) => [id, run_id]),
    );
    return {};
  },

  async linkPromptsToTrace({ trace_id, prompt_versions }, ctx) {
    const wrong = prompt_versions.find(({ version }) => !/^\d{1,16}$/.test(version));
    if (wrong) throw invalid(`Invalid value ${JSON.stringify(wrong.version)} for parameter 'version' supplied.`);
    await findTrace(ctx, trace_id, 'share');
    await linkTraces(
      ctx,
      'prompt',
      prompt_versions.slice(0, 1000).map(({ name, version }) => [trace_id, `${name}/${Number(version)}`]),
    );
    return {};
  },
};

const pairs = (list: readonly KeyValue[]): [string, string][] => list.map(({ key, value }) => [key, value]);

async function olderInfo(ctx: StoreContext, row: TraceRow): Promise<OlderTraceInfo> {
  return olderInfoOf((await loadTraces(ctx, [row]))[0] as WholeTrace);
}

function olderInfoOf({ row, tags, metadata }: WholeTrace): OlderTraceInfo {
  return {
    request_id: row.request_id,
    experiment_id: String(row.experiment),
    timestamp_ms: row.timestamp_ms,
    execution_time_ms: row.execution_time_ms ?? 0,
    status: row.status === UNSPECIFIED ? 'TRACE_STATUS_UNSPECIFIED' : (row.status as 'OK' | 'ERROR' | 'IN_PROGRESS'),
    ...someOf('request_metadata', metadata),
    ...someOf('tags', tags),
  };
}

const someOf = <K extends string>(name: K, map: Readonly<Record<string, string>>) => {
  const list = Object.entries(map).map(([key, value]) => ({ key, value }));
  return (list.length === 0 ? {} : { [name]: list }) as { [P in K]?: KeyValue[] };
};

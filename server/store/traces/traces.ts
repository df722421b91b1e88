/** Traces as clients of MLflow 3 log, find and change them. */
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, MltrackError, missing, type TraceInfo } from '../../../api/index.js';
import type { traces as table } from '../../../api/traces/traces.js';
import { durationMilliseconds, millisecondsOf } from '../../../api/traces/types.js';
import { below } from '../../artifacts/locations.js';
import { listed, sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { checkActive, findExperiment } from '../experiments.js';
import { fitted } from '../logging.js';
import { checkKey, experimentIdsOf } from '../validation.js';
import { asStored } from './assessments.js';
import {
  findTrace,
  loadTraces,
  removeTraces,
  setMetadata,
  setTags,
  type TraceRow,
  traceInfo,
  type WholeTrace,
} from './rows.js';
import { searchTracePage, tracesToDelete } from './search.js';

const LOCATION_TAG = 'mlflow.artifactLocation';
/** Says that the trace has ended. Source: `TraceMetadataKey.TRACE_INFO_FINALIZED`. */
const FINALIZED = ['mlflow.trace.infoFinalized', 'true'] as const;
/** Tags that the server alone sets. Source: `_HANDLER_BLOCKED_TRACE_TAGS` in `mlflow/server/handlers.py`. */
const OWN_TAGS = ['mlflow.trace.spansLocation', 'mlflow.trace.archiveLocation', 'mlflow.trace.archivalFailure'];

const MOST_IDS = 1000;
const TAG_VALUE_LENGTH = 8000;

export const traces: Handlers<typeof table, StoreContext> = {
  async startTrace({ trace: { trace_info } }, ctx) {
    const { trace_id } = trace_info;
    checkTraceId(trace_id);
    const id = trace_info.trace_location.mlflow_experiment?.experiment_id;
    if (id === undefined) throw invalid('A trace must lie in an experiment: trace_location.mlflow_experiment.');
    const experiment = await findExperiment(ctx, id, 'share');
    checkActive(experiment);
    const row = await upsertTrace(ctx, experiment.id, trace_info);
    const tags = Object.entries(trace_info.tags ?? {});
    await setTags(ctx, row, [...tags, [LOCATION_TAG, locationOf(experiment.artifact_location, trace_id)]]);
    await setMetadata(ctx, row, [...Object.entries(trace_info.trace_metadata ?? {}), FINALIZED]);
    return { trace: { trace_info: await infoOf(ctx, row) } };
  },

  async getTraceInfo({ trace_id }, ctx) {
    return { trace: { trace_info: await infoOf(ctx, await findTrace(ctx, trace_id)) } };
  },

  async getTrace({ trace_id, allow_partial = false }, ctx) {
    const row = await ctx.db.get<TraceRow>(sql`select * from traces where request_id = ${trace_id}`);
    if (!row) throw missing(`Trace with ID ${trace_id} is not found.`);
    if (!allow_partial) {
      throw missing(`Trace with ID ${trace_id} is not fully exported yet, please try again later.`);
    }
    return { trace: { trace_info: await infoOf(ctx, row) } };
  },

  async batchGetTraces({ trace_ids }) {
    checkIds(trace_ids);
    return {};
  },

  async batchGetTraceInfos({ trace_ids, experiment_ids }, ctx) {
    checkIds(trace_ids);
    const found = await ctx.db.all<TraceRow>(sql`select * from traces where request_id in (${listed(trace_ids)})`);
    const allowed = experiment_ids.length > 0 ? new Set(experimentIdsOf(experiment_ids)) : undefined;
    const byId = new Map(found.map((row) => [row.request_id, row]));
    const wanted = [...new Set(trace_ids)].flatMap((id) => {
      const row = byId.get(id);
      return row && (allowed?.has(row.experiment) ?? true) ? [row] : [];
    });
    return wanted.length > 0 ? { trace_infos: (await loadTraces(ctx, wanted)).map(traceInfo) } : {};
  },

  async searchTraces({ locations, ...query }, ctx) {
    if (locations.length === 0) {
      throw invalid(
        "Missing value for required parameter 'locations'. See the API docs for more information about request parameters.",
      );
    }
    const experimentIds = locations.flatMap(({ mlflow_experiment: at }) => (at ? [at.experiment_id] : []));
    const { traces: found, next } = await searchTracePage(ctx, { ...query, experimentIds });
    return {
      ...(found.length > 0 && { traces: found.map(traceInfo) }),
      ...(next !== undefined && { next_page_token: next }),
    };
  },

  async deleteTraces(request, ctx) {
    if (request.request_ids.length > 0) checkIds(request.request_ids);
    const [experiment] = experimentIdsOf([request.experiment_id]);
    if (experiment === undefined) {
      throw invalid(`Invalid experiment ID '${request.experiment_id}'. Experiment ID must be a valid integer.`);
    }
    return { traces_deleted: await removeTraces(ctx, await tracesToDelete(ctx, experiment, request)) };
  },

  async setTraceTag({ trace_id, key, value }, ctx) {
    if (OWN_TAGS.includes(key)) throw invalid(`Tag '${key}' is immutable and cannot be set on a trace.`);
    checkKey(key, 'key', 'key');
    const row = await findTrace(ctx, trace_id, 'share');
    await setTags(ctx, row, [[key, fitted(ctx, 'value', value, TAG_VALUE_LENGTH)]]);
    return {};
  },

  async deleteTraceTag({ trace_id, key }, ctx) {
    if (OWN_TAGS.slice(0, 2).includes(key)) {
      throw invalid(`Tag '${key}' is immutable and cannot be deleted on a trace.`);
    }
    const row = await findTrace(ctx, trace_id, 'share');
    const removed = await ctx.db.run(sql`delete from trace_tags where trace = ${row.id} and key = ${key}`);
    if (removed === 0) throw missing(`No trace tag with key '${key}' for trace with ID '${trace_id}'`);
    return {};
  },
};

/** The id becomes part of a path. */
function checkTraceId(id: string): void {
  if (/^[\w-][\w.-]{0,249}$/.test(id)) return;
  throw invalid(`Invalid value ${JSON.stringify(id)} for parameter 'trace_id' supplied.`);
}

function checkIds(ids: readonly string[]): void {
  if (ids.length === 0) {
    throw invalid(
      "Missing value for required parameter 'trace_ids'. See the API docs for more information about request parameters.",
    );
  }
  if (ids.length > MOST_IDS) throw invalid(`At most ${MOST_IDS} trace ids can be given. Received ${ids.length}.`);
}

export const locationOf = (experiment: string, traceId: string) => below(experiment, `traces/${traceId}/artifacts`);

async function infoOf(ctx: StoreContext, row: TraceRow): Promise<TraceInfo> {
  return traceInfo((await loadTraces(ctx, [row]))[0] as WholeTrace);
}

/** What is given replaces what was there; a preview that is not given stays. */
async function upsertTrace(ctx: StoreContext, experiment: number, info: TraceInfo): Promise<TraceRow> {
  const { trace_id, client_request_id, request_preview, response_preview, execution_duration, assessments } = info;
  const ms = execution_duration === undefined ? null : durationMilliseconds(execution_duration);
  const given =
    assessments && assessments.length > 0
      ? JSON.stringify(assessments.map((each) => asStored(ctx, trace_id, each)))
      : null;
  const row = await ctx.db.get<TraceRow>(
    sql`insert into traces (request_id, experiment, timestamp_ms, execution_time_ms, status, client_request_id,
                            request_preview, response_preview, assessments)
        values (${trace_id}, ${experiment}, ${millisecondsOf(info.request_time)}, ${ms}, ${info.state ?? 'STATE_UNSPECIFIED'},
                ${client_request_id ?? null}, ${request_preview ?? null}, ${response_preview ?? null}, ${given})
        on conflict (request_id) do update set experiment = excluded.experiment, timestamp_ms = excluded.timestamp_ms,
          execution_time_ms = excluded.execution_time_ms, status = excluded.status,
          client_request_id = excluded.client_request_id,
          request_preview = coalesce(excluded.request_preview, traces.request_preview),
          response_preview = coalesce(excluded.response_preview, traces.response_preview),
          assessments = coalesce(excluded.assessments, traces.assessments)
        returning *`,
  );
  if (!row) throw new MltrackError('INTERNAL_ERROR', 'The trace was not written.');
  return row;
}

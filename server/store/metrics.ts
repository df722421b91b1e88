/** Metric histories over the wire: whole, in pages, and thinned over many runs. */
import type { Handlers } from '../../api/endpoint.js';
import { type Int64, invalid, LIMITS } from '../../api/index.js';
import type { metrics as table } from '../../api/metrics.js';
import { sql } from '../db/sql.js';
import { encodedAs } from '../encode.js';
import { pointsJson } from '../metrics/json.js';
import { type Point, pointAt } from '../metrics/points.js';
import type { StoreContext } from './context.js';
import { readHistory } from './metric-reads.js';
import { sampleHistory } from './metric-samples.js';
import { pageToken, readPageToken } from './page-token.js';
import { runIdOf } from './validation.js';

export const metrics: Handlers<typeof table, StoreContext> = {
  async getMetricHistory(request, ctx) {
    const run = await findReadableRun(ctx, runIdOf(request));
    if (run === undefined) return {};
    const limit = historyLimit(request.max_results);
    const after = request.page_token ? readPoint(request.page_token) : undefined;
    const points = await readHistory(ctx, run, request.metric_key, {
      ...(limit !== undefined && { limit }),
      ...(after && { after }),
    });
    const total = points.values.length;
    const n = Math.min(total, limit ?? total);
    if (n === 0) return {};
    const next = n < total ? `,"next_page_token":${JSON.stringify(pointToken(pointAt(points, n - 1)))}` : '';
    return encodedMetrics(pointsJson(request.metric_key, points, n), next);
  },

  async getMetricHistoryBulk({ run_id: runIds, metric_key, max_results }, ctx) {
    checkBulk(runIds);
    if (metric_key === undefined) throw invalid('GetMetricHistoryBulk request must specify a metric_key.');
    const most = max_results === 0 ? 0 : (historyLimit(max_results) ?? LIMITS.historyMaxResults);
    const found: Uint8Array[] = [];
    let left = most;
    for (const run_id of [...new Set(runIds)].sort()) {
      ctx.checkDeadline();
      const run = left > 0 ? await findReadableRun(ctx, run_id) : undefined;
      if (run === undefined) continue;
      const points = await readHistory(ctx, run, metric_key, { limit: left });
      const n = Math.min(left, points.values.length);
      left -= n;
      addPoints(found, pointsJson(metric_key, points, n, run_id));
    }
    return encodedMetrics(found);
  },

  async getMetricHistoryBulkInterval(request, ctx) {
    const { run_ids, metric_key, start_step, end_step } = request;
    checkInterval(run_ids, start_step, end_step, request.max_results);
    const most = request.max_results ?? LIMITS.bulkIntervalMaxResults;
    const range = start_step !== undefined && end_step !== undefined ? { from: start_step, to: end_step } : undefined;
    const found: Uint8Array[] = [];
    for (const run_id of run_ids) {
      ctx.checkDeadline();
      const run = await findReadableRun(ctx, runIdOf({ run_id }));
      if (run === undefined) continue;
      const points = await sampleHistory(ctx, run, metric_key, most, range);
      addPoints(found, pointsJson(metric_key, points, points.values.length, run_id));
    }
    return found.length > 0 ? encodedMetrics(found) : {};
  },
};

const COMMA = Buffer.from(',');

/** Puts one run's points behind those of others. */
function addPoints(found: Uint8Array[], points: readonly Uint8Array[]): void {
  if (found.length > 0 && points.length > 0) found.push(COMMA);
  found.push(...points);
}

/** The answer whose list of metrics was written by `pointsJson`; `rest` are further fields, with a comma before each. */
const encodedMetrics = <T>(points: readonly Uint8Array[], rest = ''): T =>
  encodedAs<T>([Buffer.from('{"metrics":['), ...points, Buffer.from(`]${rest}}`)]);

/** A missing run has no metrics: 200 and none, as MLflow answers. */
async function findReadableRun(ctx: StoreContext, id: string): Promise<number | undefined> {
  return (await ctx.db.get<{ id: number }>(sql`select id from runs where run_id = ${id}`))?.id;
}

/** Clients send 25,000; 0, protobuf's unset, means all. */
function historyLimit(given: number | undefined): number | undefined {
  if (given === undefined || given === 0) return undefined;
  if (given < 0)
    throw invalid(`Invalid value ${given} for parameter 'max_results' supplied. It must be a positive integer`);
  return Math.min(given, LIMITS.historyMaxResults);
}

function pointToken({ timestamp, step, value }: Point): string {
  return pageToken([String(timestamp), String(step), String(value)]);
}

function readPoint(token: string): Point {
  const [timestamp, step, value] = readPageToken(token, ['string', 'string', 'string']) as [string, string, string];
  return { timestamp: int64(timestamp, token), step: int64(step, token), value: Number(value) };
}

function int64(text: string, token: string): Int64 {
  if (!/^-?\d{1,20}$/.test(text)) throw invalid(`Invalid page token, could not be decoded: '${token.slice(0, 100)}'`);
  const small = Number(text);
  return Number.isSafeInteger(small) ? small : BigInt(text);
}

function checkBulk(runIds: readonly string[]): void {
  const rpc = 'GetMetricHistoryBulk';
  if (runIds.length === 0) throw invalid(`${rpc} request must specify at least one run_id.`);
  if (runIds.length > LIMITS.bulkRuns) {
    throw invalid(
      `${rpc} request cannot specify more than ${LIMITS.bulkRuns} run_ids. Received ${runIds.length} run_ids.`,
    );
  }
}

function checkInterval(runIds: readonly string[], start?: number, end?: number, maxResults?: number): void {
  const rpc = 'GetMetricHistoryBulkInterval';
  if (runIds.length === 0) throw invalid(`${rpc} request must specify at least one run_id.`);
  if (runIds.length > LIMITS.bulkIntervalRuns) {
    throw invalid(
      `${rpc} request must specify at most ${LIMITS.bulkIntervalRuns} run_ids. Received ${runIds.length} run_ids.`,
    );
  }
  if ((start === undefined) !== (end === undefined)) {
    throw invalid('If either start step or end step are specified, both must be specified.');
  }
  if (start !== undefined && end !== undefined && start > end) {
    throw invalid(`end_step must be greater than start_step. Found start_step=${start} and end_step=${end}.`);
  }
  if (maxResults !== undefined && (maxResults < 1 || maxResults > LIMITS.bulkIntervalMaxResults)) {
    throw invalid(`max_results must be between 1 and ${LIMITS.bulkIntervalMaxResults}. Received ${maxResults}.`);
  }
}

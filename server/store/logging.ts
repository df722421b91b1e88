/** What training scripts write to a run. Everything of one request lands, or nothing. */
import type { Handlers } from '../../api/endpoint.js';
import { invalid, type KeyValue, LIMITS, type Metric, missing } from '../../api/index.js';
import type { logging as table } from '../../api/logging.js';
import { listed, rows, sql } from '../db/sql.js';
import type { StoreContext } from './context.js';
import { appendMetrics } from './folding/metric-log.js';
import { addDatasets, addModelInputs, checkDatasets } from './inputs/inputs.js';
import { appendToHistory, historyEntry } from './inputs/model-history.js';
import { checkRunActive, findRun, setTag } from './runs.js';
import { touchRun } from './search/run-json.js';
import { checkKey, checkLength, checkTimestamp, runIdOf } from './validation.js';
import { announceMetrics } from './webhooks/announce.js';

export const logging: Handlers<typeof table, StoreContext> = {
  async logMetric(request, ctx) {
    checkMetric(request);
    const run = await writableRun(ctx, request, 'share');
    await appendMetrics(ctx, run, [request]);
    await announceMetrics(ctx, run, [request]);
    return {};
  },

  async logParam(request, ctx) {
    const param = checkParam(ctx, request, '');
    const run = await writableRun(ctx, request, 'update');
    const [conflict] = await insertParams(ctx, run, [param]);
    if (conflict) {
      throw invalid(
        `Changing param values is not allowed. Param with key='${conflict.key}' was already logged with value='${conflict.value}' for run ID='${runIdOf(request)}'. Attempted logging new value '${param.value}'.`,
      );
    }
    await touchRun(ctx, run);
    return {};
  },

  async logBatch(request, ctx) {
    const { metrics, params, tags } = request;
    checkBatchSize(metrics.length, params.length, tags.length);
    for (let i = 0; i < metrics.length; i++) checkMetric(metrics[i] as Metric, i);
    const checkedParams = params.map((param, i) => checkParam(ctx, param, `params[${i}]`));
    checkDistinct(checkedParams);
    const checkedTags = tags.map((tag, i) => checkRunTag(ctx, tag, `tags[${i}]`));
    const run = await writableRun(ctx, request, params.length > 0 || tags.length > 0 ? 'update' : 'share');
    const conflicts = await insertParams(ctx, run, checkedParams);
    if (conflicts.length > 0) throw paramsChanged(runIdOf(request), conflicts, checkedParams);
    if (metrics.length > 0) {
      await appendMetrics(ctx, run, metrics);
      await announceMetrics(ctx, run, metrics);
    }
    for (const tag of checkedTags) await setTag(ctx, run, tag);
    if (params.length > 0 || tags.length > 0) await touchRun(ctx, run);
    return {};
  },

  async setTag(request, ctx) {
    const tag = checkRunTag(ctx, request, '');
    const run = await writableRun(ctx, request, 'update');
    await setTag(ctx, run, tag);
    await touchRun(ctx, run);
    return {};
  },

  async deleteTag(request, ctx) {
    const run = await writableRun(ctx, request, 'update');
    const removed = await ctx.db.run(sql`delete from tags where run = ${run} and key = ${request.key}`);
    if (removed === 0) throw missing(`No tag with name: ${request.key} in run with id ${runIdOf(request)}`);
    await touchRun(ctx, run);
    return {};
  },

  async logInputs(request, ctx) {
    checkDatasets(request.datasets);
    const run = await writableRun(ctx, request, 'update');
    await addDatasets(ctx, run, request.datasets);
    await addModelInputs(
      ctx,
      run,
      request.models.map(({ model_id }) => model_id),
    );
    await touchRun(ctx, run);
    return {};
  },

  async logModel(request, ctx) {
    const entry = historyEntry(request.model_json);
    const run = await writableRun(ctx, request, 'update');
    await appendToHistory(ctx, run, entry);
    await touchRun(ctx, run);
    return {};
  },

  async logOutputs(request, ctx) {
    const run = await writableRun(ctx, request, 'update');
    const models = new Map(request.models.map(({ model_id, step }) => [model_id, step]));
    if (models.size === 0) return {};
    await ctx.db.run(
      sql`insert into run_outputs (run, model_id, step) values ${rows([...models].map(([id, step]) => [run, id, step]))}
          on conflict (run, model_id) do update set step = excluded.step`,
    );
    await touchRun(ctx, run);
    return {};
  },
};

/** `update` for what raises the run's revision: two that share a row cannot both change it. */
async function writableRun(
  ctx: StoreContext,
  request: Parameters<typeof runIdOf>[0],
  intent: 'update' | 'share',
): Promise<number> {
  const id = runIdOf(request);
  const run = await findRun(ctx, id, intent);
  checkRunActive(id, run);
  return run.id;
}

function checkBatchSize(metrics: number, params: number, tags: number): void {
  const limits: [string, number, number][] = [
    ['metrics', metrics, LIMITS.batchMetrics],
    ['params', params, LIMITS.batchParams],
    ['tags', tags, LIMITS.batchTags],
    ['metrics, params, and tags', metrics + params + tags, LIMITS.batchTotal],
  ];
  for (const [noun, count, limit] of limits) {
    if (count > limit) {
      throw invalid(
        `A batch logging request can contain at most ${limit} ${noun}. Got ${count} ${noun}. Please split up ${noun} across multiple requests and try again.`,
      );
    }
  }
}

/** Keys that have passed: a training loop sends the same few again and again. */
const goodMetricKeys = new Set<string>();
const GOOD_KEYS = 20_000;

/** Its place in a batch is spelt out only when it fails: this runs a thousand times a request. */
function checkMetric(metric: Metric, index?: number): void {
  const known = goodMetricKeys.has(metric.key);
  if (known && metric.timestamp >= 0) return;
  const path = index === undefined ? '' : `metrics[${index}].`;
  checkTimestamp(metric, `${path}timestamp`);
  checkKey(metric.key, `${path}name`, 'Metric name');
  if (goodMetricKeys.size >= GOOD_KEYS) goodMetricKeys.clear();
  goodMetricKeys.add(metric.key);
}

function checkParam(ctx: StoreContext, { key, value }: KeyValue, path: string): KeyValue {
  checkKey(key, path ? `${path}.key` : 'key', 'Param key');
  return { key, value: fitted(ctx, 'Param value', value, LIMITS.paramValueLength) };
}

export function checkRunTag(ctx: StoreContext, { key, value }: KeyValue, path: string): KeyValue {
  checkKey(key, path ? `${path}.key` : 'key');
  return { key, value: fitted(ctx, path ? `${path}.value` : 'value', value, LIMITS.tagValueLength) };
}

/** A tag that a run begins with: MLflow takes any characters in its key. */
export function firstTag(ctx: StoreContext, { key, value }: KeyValue): KeyValue {
  checkLength('key', key, LIMITS.keyLength);
  return { key, value: fitted(ctx, 'value', value, LIMITS.tagValueLength) };
}

/** MLflow cuts long values, unless the operator wants them refused. Lengths are of whole characters, which a cut does not split. */
export function fitted(ctx: StoreContext, noun: string, value: string, limit: number): string {
  if (value.length <= limit) return value;
  const characters = [...value];
  if (characters.length <= limit) return value;
  if (!ctx.settings.lengths.truncate) throw invalid(`'${noun}' exceeds the maximum length of ${limit} characters`);
  return characters.slice(0, limit).join('');
}

/** A key may come twice only with the same value. */
function checkDistinct(params: readonly KeyValue[]): void {
  const seen = new Map<string, string>();
  const twice = new Set<string>();
  for (const { key, value } of params) {
    if (seen.has(key) && seen.get(key) !== value) twice.add(key);
    seen.set(key, value);
  }
  if (twice.size > 0) {
    const keys = [...twice].map((key) => `'${key}'`).join(', ');
    throw invalid(
      `Duplicate parameter keys have been submitted: [${keys}]. Please ensure the request contains only one param value per param key.`,
    );
  }
}

/** Inserts what is new; answers the stored params whose value is another. */
async function insertParams(ctx: StoreContext, run: number, params: readonly KeyValue[]): Promise<KeyValue[]> {
  const wanted = new Map(params.map(({ key, value }) => [key, value]));
  if (wanted.size === 0) return [];
  const inserted = await ctx.db.run(
    sql`insert into params (run, key, value) values ${rows([...wanted].map(([key, value]) => [run, key, value]))}
        on conflict (run, key) do nothing`,
  );
  if (inserted === wanted.size) return [];
  const stored = await ctx.db.all<KeyValue>(
    sql`select key, value from params where run = ${run} and key in (${listed([...wanted.keys()])}) order by key`,
  );
  return stored.filter(({ key, value }) => wanted.get(key) !== value);
}

function paramsChanged(runId: string, conflicts: readonly KeyValue[], params: readonly KeyValue[]): Error {
  const changes = conflicts.map(({ key, value }) => {
    const wanted = params.find((param) => param.key === key)?.value;
    return `{'key': '${key}', 'old_value': '${value}', 'new_value': '${wanted}'}`;
  });
  return invalid(
    `Changing param values is not allowed. Params were already logged='[${changes.join(', ')}]' for run ID='${runId}'.`,
  );
}

/** Traces as rows: reading them with tags and metadata, writing them, linking and deleting them. */
import type { TraceInfo, TraceState } from '../../../api/index.js';
import { missing } from '../../../api/index.js';
import { durationOf, timeOf } from '../../../api/traces/types.js';
import { listed, rows, type Sql, sql } from '../../db/sql.js';
import { SOURCE_RUN } from '../../search/traces.js';
import type { StoreContext } from '../context.js';

export interface TraceRow {
  id: number;
  request_id: string;
  experiment: number;
  timestamp_ms: number;
  execution_time_ms: number | null;
  status: string;
  client_request_id: string | null;
  request_preview: string | null;
  response_preview: string | null;
  assessments: string | null;
}

/** Rows of one statement: databases bound the number of parameters. */
const BATCH = 1000;

/** Characters that MLflow shows of keys and values. Source: `mlflow/tracing/constant.py`. */
const METADATA_LENGTH = 250;
const TAG_KEY_LENGTH = 250;
const TAG_VALUE_LENGTH = 4096;

export const traceNotFound = (id: string) => missing(`Trace with ID '${id}' not found.`);

/** Throws RESOURCE_DOES_NOT_EXIST. */
export async function findTrace(ctx: StoreContext, id: string, intent?: 'update' | 'share'): Promise<TraceRow> {
  const { forUpdate, forShare } = ctx.db.dialect;
  const lock = intent === undefined ? sql`` : intent === 'update' ? forUpdate : forShare;
  const row = await ctx.db.get<TraceRow>(sql`select * from traces where request_id = ${id} ${lock}`);
  if (!row) throw traceNotFound(id);
  return row;
}

/** A row with what belongs to it. */
export interface WholeTrace {
  readonly row: TraceRow;
  readonly tags: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** In the order of the rows. */
export async function loadTraces(ctx: StoreContext, found: readonly TraceRow[]): Promise<WholeTrace[]> {
  const whole: WholeTrace[] = [];
  for (let at = 0; at < found.length; at += BATCH) {
    ctx.checkDeadline();
    const slice = found.slice(at, at + BATCH);
    const ids = slice.map((row) => row.id);
    const tags = await texts(ctx, sql`trace_tags`, ids);
    const metadata = await texts(ctx, sql`trace_metadata`, ids);
    whole.push(...slice.map((row) => ({ row, tags: tags.get(row.id) ?? {}, metadata: metadata.get(row.id) ?? {} })));
  }
  return whole;
}

async function texts(
  ctx: StoreContext,
  from: Sql,
  ids: readonly number[],
): Promise<Map<number, Record<string, string>>> {
  const found = await ctx.db.all<{ trace: number; key: string; value: string }>(
    sql`select trace, key, value from ${from} where trace in (${listed(ids)}) order by trace, key`,
  );
  const maps = new Map<number, [string, string][]>();
  for (const { trace, key, value } of found) {
    const pairs = maps.get(trace);
    if (pairs) pairs.push([key, value]);
    else maps.set(trace, [[key, value]]);
  }
  // Not by assignment: a key may be __proto__.
  return new Map([...maps].map(([trace, pairs]) => [trace, Object.fromEntries(pairs)]));
}

const some = <K extends string>(name: K, value: string | null) =>
  (value === null ? {} : { [name]: value }) as { [P in K]?: string };

const someOf = <K extends string>(name: K, map: Readonly<Record<string, string>>) =>
  (Object.keys(map).length === 0 ? {} : { [name]: map }) as { [P in K]?: Record<string, string> };

export function traceInfo({ row, tags, metadata }: WholeTrace): TraceInfo {
  return {
    trace_id: row.request_id,
    ...some('client_request_id', row.client_request_id),
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: String(row.experiment) } },
    ...some('request_preview', row.request_preview),
    ...some('response_preview', row.response_preview),
    request_time: timeOf(row.timestamp_ms),
    ...(row.execution_time_ms !== null && { execution_duration: durationOf(row.execution_time_ms) }),
    state: row.status as TraceState,
    ...someOf('trace_metadata', metadata),
    ...someOf('tags', tags),
    ...(row.assessments !== null && { assessments: JSON.parse(row.assessments) }),
  };
}

/** Sets tags, cut at what MLflow shows of them. */
export function setTags(ctx: StoreContext, row: TraceRow, tags: Iterable<readonly [string, string]>): Promise<void> {
  return upsert(ctx, sql`trace_tags`, row, tags, TAG_KEY_LENGTH, TAG_VALUE_LENGTH);
}

/** Sets metadata, and links the trace to the run that they name. */
export async function setMetadata(
  ctx: StoreContext,
  row: TraceRow,
  metadata: Iterable<readonly [string, string]>,
): Promise<void> {
  const pairs = [...metadata];
  await upsert(ctx, sql`trace_metadata`, row, pairs, METADATA_LENGTH, METADATA_LENGTH);
  const run = pairs.find(([key]) => key === SOURCE_RUN)?.[1];
  if (run) await linkTraces(ctx, 'run', [[row.request_id, run]]);
}

async function upsert(
  ctx: StoreContext,
  table: Sql,
  { id }: TraceRow,
  pairs: Iterable<readonly [string, string]>,
  keyLength: number,
  valueLength: number,
): Promise<void> {
  const distinct = new Map([...pairs].map(([key, value]) => [cut(key, keyLength), cut(value, valueLength)]));
  const ordered = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [id, key, value]);
  for (let at = 0; at < ordered.length; at += BATCH) {
    await ctx.db.run(
      sql`insert into ${table} (trace, key, value) values ${rows(ordered.slice(at, at + BATCH))}
          on conflict (trace, key) do update set value = excluded.value`,
    );
  }
}

/** Whole characters only. */
const cut = (text: string, length: number) => (text.length <= length ? text : [...text].slice(0, length).join(''));

/** Links (request_id, target): a link that is there already stays. Neither end needs to be there. */
export async function linkTraces(
  ctx: StoreContext,
  kind: 'run' | 'prompt',
  links: readonly (readonly [string, string])[],
): Promise<void> {
  if (links.length === 0) return;
  const ordered = [...links].sort(([a], [b]) => (a < b ? -1 : 1));
  await ctx.db.run(
    sql`insert into trace_links (request_id, kind, target) values ${rows(ordered.map(([id, target]) => [id, kind, target]))}
        on conflict (request_id, kind, target) do nothing`,
  );
}

/** Removes traces with what belongs to them. Answers how many. */
export async function removeTraces(
  ctx: StoreContext,
  found: readonly Pick<TraceRow, 'id' | 'request_id'>[],
): Promise<number> {
  let removed = 0;
  for (let at = 0; at < found.length; at += BATCH) {
    const slice = found.slice(at, at + BATCH);
    const ids = listed(slice.map((row) => row.id));
    await ctx.db.run(sql`delete from trace_tags where trace in (${ids})`);
    await ctx.db.run(sql`delete from trace_metadata where trace in (${ids})`);
    await ctx.db.run(sql`delete from trace_links where request_id in (${listed(slice.map((row) => row.request_id))})`);
    removed += await ctx.db.run(sql`delete from traces where id in (${ids})`);
  }
  return removed;
}

/** What an MLflow database knows of traces. */

import type { Places } from '../artifacts/places.js';
import type { Destination } from '../command-database.js';
import { sql } from '../db/sql.js';
import type { Row, Source } from './source.js';
import { importSpans } from './spans.js';
import { insertAll, number, optional, text } from './tracking.js';

/** Where the spans of a trace are, for clients; and its value for those that are artifacts. */
const SPANS_LOCATION = 'mlflow.trace.spansLocation';
const ARTIFACTS = 'ARTIFACT_REPO';

/** Answers how many traces came without the spans that the source holds: no storage given here is theirs. */
export async function importTraces(source: Source, to: Destination, places: Places): Promise<number> {
  let withoutSpans = 0;
  for await (const found of source.batches('trace_info')) {
    const ids = found.map((row) => text(row.request_id));
    const tags = await source.rowsOf('trace_tags', 'request_id', ids);
    const metadata = await source.rowsOf('trace_request_metadata', 'request_id', ids);
    const spans = await importSpans(source, places, ids, tags);
    withoutSpans += spans.left.size;
    const tagValue = (row: Row) =>
      row.key === SPANS_LOCATION && spans.written.has(text(row.request_id)) ? ARTIFACTS : text(row.value);
    await to.transaction(async (ctx) => {
      await insertAll(
        ctx,
        sql`traces (request_id, experiment, timestamp_ms, execution_time_ms, status, client_request_id, request_preview, response_preview)`,
        found.map((row) => [
          text(row.request_id),
          number(row.experiment_id),
          number(row.timestamp_ms),
          row.execution_time_ms === null ? null : number(row.execution_time_ms),
          text(row.status),
          optional(row.client_request_id),
          optional(row.request_preview),
          optional(row.response_preview),
        ]),
      );
      for (const [into, pairs] of [
        ['trace_tags', tags],
        ['trace_metadata', metadata],
      ] as const) {
        for (const row of pairs) {
          const of = sql`select id, ${text(row.key)}, ${tagValue(row)} from traces where request_id = ${text(row.request_id)}`;
          const target =
            into === 'trace_tags' ? sql`trace_tags (trace, key, value)` : sql`trace_metadata (trace, key, value)`;
          await ctx.db.run(sql`insert into ${target} ${of} on conflict do nothing`);
        }
      }
    });
  }
  return withoutSpans;
}

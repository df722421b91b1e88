/** What an MLflow database knows of traces. Spans that it holds itself stay there: here they are artifacts. */

import type { Destination } from '../command-database.js';
import { sql } from '../db/sql.js';
import type { Source } from './source.js';
import { insertAll, number, optional, text } from './tracking.js';

export async function importTraces(source: Source, to: Destination): Promise<void> {
  for await (const found of source.batches('trace_info')) {
    const ids = found.map((row) => text(row.request_id));
    const tags = await source.rowsOf('trace_tags', 'request_id', ids);
    const metadata = await source.rowsOf('trace_request_metadata', 'request_id', ids);
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
          const of = sql`select id, ${text(row.key)}, ${text(row.value)} from traces where request_id = ${text(row.request_id)}`;
          const target =
            into === 'trace_tags' ? sql`trace_tags (trace, key, value)` : sql`trace_metadata (trace, key, value)`;
          await ctx.db.run(sql`insert into ${target} ${of} on conflict do nothing`);
        }
      }
    });
  }
}

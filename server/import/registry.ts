/** The model registry of an MLflow database: models, versions, aliases, tags. */

import type { Destination } from '../command-database.js';
import { sql } from '../db/sql.js';
import type { Row, Source } from './source.js';
import { insertAll, number, optional, text } from './tracking.js';

export async function importRegistry(source: Source, to: Destination): Promise<void> {
  for await (const models of source.batches('registered_models')) {
    const names = models.map((row) => text(row.name));
    const of = (table: string) => source.rowsOf(table, 'name', names);
    const tags = await of('registered_model_tags');
    const aliases = await of('registered_model_aliases');
    const versions = await of('model_versions');
    const versionTags = await of('model_version_tags');
    await to.transaction(async (ctx) => {
      await insertAll(
        ctx,
        sql`registered_models (name, description, creation_time, last_updated_time)`,
        models.map((row) => [
          text(row.name),
          text(row.description),
          number(row.creation_time),
          number(row.last_updated_time ?? row.creation_time),
        ]),
      );
      await insertAll(ctx, sql`registered_model_tags (name, key, value)`, tags.map(tagOf));
      await insertAll(
        ctx,
        sql`model_versions (name, version, creation_time, last_updated_time, description, current_stage, source,
                            storage_location, run_id, run_link)`,
        versions.map((row) => [
          text(row.name),
          number(row.version),
          number(row.creation_time),
          number(row.last_updated_time ?? row.creation_time),
          optional(row.description),
          text(row.current_stage) || 'None',
          text(row.source),
          text(row.storage_location ?? row.source),
          optional(row.run_id),
          optional(row.run_link),
        ]),
      );
      await insertAll(
        ctx,
        sql`model_version_tags (name, version, key, value)`,
        versionTags.map((row) => [text(row.name), number(row.version), text(row.key), text(row.value)]),
      );
      await insertAll(
        ctx,
        sql`registered_model_aliases (name, alias, version)`,
        aliases.map((row) => [text(row.name), text(row.alias), number(row.version)]),
      );
    });
  }
}

const tagOf = (row: Row) => [text(row.name), text(row.key), text(row.value)];

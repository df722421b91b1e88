/** Rows of the registry and what they look like on the wire. */
import { type KeyValue, type ModelVersion, missing, type RegisteredModel } from '../../../api/index.js';
import { joined, listed, sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { groupBy } from '../group-by.js';
import { checkModelName, DELETED, isPromptTag, versionOf } from './names.js';

export interface ModelRow {
  name: string;
  description: string;
  creation_time: number;
  last_updated_time: number;
}

export interface VersionRow {
  name: string;
  version: number;
  creation_time: number;
  last_updated_time: number;
  description: string | null;
  current_stage: string;
  source: string;
  storage_location: string;
  run_id: string | null;
  run_link: string | null;
  model_id: string | null;
}

/** With `update`, locked against other writers. Throws RESOURCE_DOES_NOT_EXIST. */
export async function findRegisteredModel(ctx: StoreContext, name: string, intent?: 'update'): Promise<ModelRow> {
  checkModelName(name);
  const lock = intent === 'update' ? ctx.db.dialect.forUpdate : sql``;
  const row = await ctx.db.get<ModelRow>(sql`select * from registered_models where name = ${name} ${lock}`);
  if (!row) throw missing(`Registered Model with name=${name} not found`);
  return row;
}

/**
 * Before versions are locked by who changes the model too: whoever renames it locks it first and then them. A model that is not there
 * is for the version's search to tell.
 */
export async function lockModel(ctx: StoreContext, name: string): Promise<void> {
  await ctx.db.get(sql`select name from registered_models where name = ${name} ${ctx.db.dialect.forUpdate}`);
}

/** A version that is not deleted. Throws RESOURCE_DOES_NOT_EXIST. */
export async function findVersion(
  ctx: StoreContext,
  address: { name: string; version: string | number },
  intent?: 'update',
): Promise<VersionRow> {
  const { name } = address;
  checkModelName(name);
  const version = typeof address.version === 'number' ? address.version : versionOf(address.version);
  const lock = intent === 'update' ? ctx.db.dialect.forUpdate : sql``;
  const row = await ctx.db.get<VersionRow>(
    sql`select * from model_versions where name = ${name} and version = ${version} and current_stage <> ${DELETED} ${lock}`,
  );
  if (!row) throw missing(`Model Version (name=${name}, version=${address.version}) not found`);
  return row;
}

/** The registered models with all they show, in the order of the rows. */
export async function loadModels(ctx: StoreContext, found: readonly ModelRow[]): Promise<RegisteredModel[]> {
  if (found.length === 0) return [];
  const names = listed(found.map((row) => row.name));
  const tags = groupBy(
    await ctx.db.all<KeyValue & { name: string }>(
      sql`select name, key, value from registered_model_tags where name in (${names}) order by name, key`,
    ),
    (row) => row.name,
  );
  const aliases = groupBy(
    await ctx.db.all<{ name: string; alias: string; version: number }>(
      sql`select name, alias, version from registered_model_aliases where name in (${names}) order by name, alias`,
    ),
    (row) => row.name,
  );
  const latest = await ctx.db.all<VersionRow>(
    sql`select model_versions.* from model_versions
        join (select name, current_stage, max(version) as version from model_versions
              where name in (${names}) and current_stage <> ${DELETED} group by name, current_stage) newest
          on newest.name = model_versions.name and newest.version = model_versions.version
        order by model_versions.version`,
  );
  const versions = groupBy(await loadVersions(ctx, latest), (version) => version.name);
  return found.map((row) => ({
    name: row.name,
    creation_timestamp: row.creation_time,
    last_updated_timestamp: row.last_updated_time,
    ...(row.description !== '' && { description: row.description }),
    ...(versions.has(row.name) && { latest_versions: versions.get(row.name) }),
    ...(tags.has(row.name) && { tags: tags.get(row.name)?.map(({ key, value }) => ({ key, value })) }),
    ...(aliases.has(row.name) && {
      aliases: aliases.get(row.name)?.map(({ alias, version }) => ({ alias, version: String(version) })),
    }),
  }));
}

/** Versions asked for at a time. */
const SLICE = 500;

/** The versions with their tags and aliases, in the order of the rows. */
export async function loadVersions(ctx: StoreContext, found: readonly VersionRow[]): Promise<ModelVersion[]> {
  const versions: ModelVersion[] = [];
  for (let at = 0; at < found.length; at += SLICE) {
    ctx.checkDeadline();
    versions.push(...(await loadSlice(ctx, found.slice(at, at + SLICE))));
  }
  return versions;
}

const keyOf = ({ name, version }: { name: string; version: number }) => `${version}/${name}`;

async function loadSlice(ctx: StoreContext, found: readonly VersionRow[]): Promise<ModelVersion[]> {
  // Cast: PostgreSQL takes the parameters of VALUES for text.
  const these = joined(found.map(({ name, version }) => sql`(cast(${name} as text), cast(${version} as bigint))`));
  const tags = groupBy(
    await ctx.db.all<KeyValue & { name: string; version: number }>(
      sql`select name, version, key, value from model_version_tags where (name, version) in (values ${these}) order by key`,
    ),
    keyOf,
  );
  const aliases = groupBy(
    await ctx.db.all<{ name: string; alias: string; version: number }>(
      sql`select name, version, alias from registered_model_aliases where (name, version) in (values ${these}) order by alias`,
    ),
    keyOf,
  );
  return found.map((row) => {
    const own = tags.get(keyOf(row));
    const named = aliases.get(keyOf(row));
    return {
      name: row.name,
      version: String(row.version),
      creation_timestamp: row.creation_time,
      last_updated_timestamp: row.last_updated_time,
      ...(row.description !== null && { description: row.description }),
      current_stage: row.current_stage,
      source: row.source,
      ...(row.run_id !== null && { run_id: row.run_id }),
      ...(row.run_link !== null && { run_link: row.run_link }),
      status: 'READY',
      ...(own && { tags: own.map(({ key, value }) => ({ key, value })) }),
      ...(named && { aliases: named.map(({ alias }) => alias) }),
      ...(row.model_id !== null && { model_id: row.model_id }),
    };
  });
}

/** Whether a registered model is a prompt. */
export async function isPrompt(ctx: StoreContext, name: string): Promise<boolean> {
  const tags = await ctx.db.all<KeyValue>(
    sql`select key, value from registered_model_tags where name = ${name} and key = 'mlflow.prompt.is_prompt'`,
  );
  return isPromptTag(tags);
}

export async function touchModel(ctx: StoreContext, name: string, now: number): Promise<void> {
  await ctx.db.run(sql`update registered_models set last_updated_time = ${now} where name = ${name}`);
}

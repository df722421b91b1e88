/**
 * Which sources a model version may have: a client must not make the server read what it may not. Source: the functions
 * `_validate_source_run`, `_validate_source_model` and `_resolve_registered_model_source_lineage` in `mlflow/server/handlers.py`.
 */
import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invalid, missing } from '../../../api/index.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { isPromptTag, STAGES, stageOf } from './names.js';
import { findRegisteredModel } from './rows.js';

/** Where a new version comes from. */
export interface Lineage {
  readonly source: string;
  readonly storageLocation: string;
  readonly runId: string | undefined;
  readonly modelId: string | undefined;
}

/** What prompts have in place of a source. */
const PROMPT_SOURCES = ['dummy-source', 'prompt-template'];

export function checkPromptSource(source: string): void {
  if (!PROMPT_SOURCES.includes(source)) {
    throw invalid(`Invalid prompt source: '${source}'. Prompt sources must use an MLflow placeholder.`);
  }
}

interface Given {
  readonly source: string;
  readonly run_id?: string | undefined;
  readonly model_id?: string | undefined;
}

/** Throws INVALID_PARAMETER_VALUE, or RESOURCE_DOES_NOT_EXIST for a version that the source names. */
export async function lineageOf(ctx: StoreContext, given: Given): Promise<Lineage> {
  const inherited = await inherit(ctx, given);
  const { source, run_id: runId, model_id: modelId } = inherited;
  const owner = modelId
    ? await ownerOf(ctx, 'model_id', modelId)
    : runId
      ? await ownerOf(ctx, 'run_id', runId)
      : undefined;
  checkSource(source, modelId ? 'model_id' : 'run_id', modelId || runId, owner);
  if (modelId && !owner) throw missing(`Logged model with ID '${modelId}' not found.`);
  const storageLocation = await storageOf(ctx, source);
  return {
    source,
    storageLocation,
    runId: runId || (modelId && owner?.sourceRun) || undefined,
    modelId: modelId || undefined,
  };
}

/** The run or logged model that a source must lie in. */
interface Owner {
  readonly artifactUri: string;
  readonly sourceRun?: string | undefined;
}

async function ownerOf(ctx: StoreContext, kind: 'run_id' | 'model_id', id: string): Promise<Owner | undefined> {
  const row = await ctx.db.get<{ artifact_uri: string; source_run_id: string | null }>(
    kind === 'run_id'
      ? sql`select artifact_uri, null as source_run_id from runs where run_id = ${id}`
      : sql`select artifact_uri, source_run_id from logged_models where model_id = ${id} and lifecycle_stage = 'active'`,
  );
  return row && { artifactUri: row.artifact_uri, sourceRun: row.source_run_id ?? undefined };
}

/** A version of another model as source brings its run and logged model along. */
async function inherit(ctx: StoreContext, given: Given): Promise<Given> {
  const { source } = given;
  if (schemeOf(source) !== 'models') return given;
  if (hasAuthority(source)) {
    throw invalid(
      `Invalid model version source: '${source}'. Registered model sources must use the active model registry.`,
    );
  }
  const uri = parseModelsUri(source);
  if (!uri) throw notContained(source, 'model_id');
  if ('modelId' in uri) return given;
  await findRegisteredModel(ctx, uri.name);
  const tags = await ctx.db.all<{ key: string; value: string }>(
    sql`select key, value from registered_model_tags where name = ${uri.name} order by key`,
  );
  if (isPromptTag(tags)) {
    throw invalid(
      `Invalid model version source: '${source}'. Prompt versions cannot be used as model version sources.`,
    );
  }
  const row = await findReferred(ctx, uri);
  const differs = (id: string | undefined, of: string | null) => id !== undefined && id !== (of ?? '');
  if (differs(given.run_id, row.run_id) || differs(given.model_id, row.model_id)) {
    throw invalid(
      `Invalid model version source: '${source}'. The run_id and model_id request parameters must match the referenced model version.`,
    );
  }
  return {
    source: `models:/${uri.name}/${row.version}`,
    run_id: given.run_id ?? row.run_id ?? undefined,
    model_id: given.model_id ?? row.model_id ?? undefined,
  };
}

interface Referred {
  version: number;
  run_id: string | null;
  model_id: string | null;
  storage_location: string;
}

type ModelsUri = { modelId: string } | { name: string; alias: string } | { name: string; which: string };

/** `models:/ID`, `models:/NAME@ALIAS`, `models:/NAME/VERSION`, `…/STAGE`, `…/latest`; undefined for anything else. */
function parseModelsUri(uri: string): ModelsUri | undefined {
  const parts = uri.replace(/^models:\/+/, '').split('/');
  const [first = '', which = ''] = parts;
  if (first === '' || parts.length > 2) return undefined;
  if (parts.length === 2) return which === '' ? undefined : { name: first, which };
  const at = first.indexOf('@');
  if (at < 0) return { modelId: first };
  return at > 0 && at < first.length - 1 ? { name: first.slice(0, at), alias: first.slice(at + 1) } : undefined;
}

async function findReferred(ctx: StoreContext, uri: Exclude<ModelsUri, { modelId: string }>): Promise<Referred> {
  const { name } = uri;
  const of = sql`select model_versions.* from model_versions`;
  let row: Referred | undefined;
  if ('alias' in uri) {
    row = await ctx.db.get<Referred>(
      sql`${of} join registered_model_aliases a on a.name = model_versions.name and a.version = model_versions.version
          where model_versions.name = ${name} and a.alias = ${uri.alias}`,
    );
    if (!row) throw invalid(`Registered model alias ${uri.alias} not found.`);
    return row;
  }
  const { which } = uri;
  if (/^\d{1,15}$/.test(which)) {
    row = await ctx.db.get<Referred>(
      sql`${of} where name = ${name} and version = ${Number(which)} and current_stage in ('None', 'Staging', 'Production', 'Archived')`,
    );
    if (!row) throw missing(`Model Version (name=${name}, version=${which}) not found`);
    return row;
  }
  const stages = which.toLowerCase() === 'latest' ? [...STAGES] : [stageOf(which)];
  for (const stage of stages) {
    const found = await ctx.db.get<Referred>(
      sql`${of} where name = ${name} and current_stage = ${stage} order by version desc limit 1`,
    );
    if (found && (!row || found.version > row.version)) row = found;
  }
  if (!row) throw missing(`No versions of model with name '${name}' and stage '${which}' found`);
  return row;
}

/** Where the artifacts of a source lie, once `models:` has been followed. */
async function storageOf(ctx: StoreContext, source: string): Promise<string> {
  const uri = schemeOf(source) === 'models' ? parseModelsUri(source) : undefined;
  if (!uri) return source;
  if (!('modelId' in uri)) return (await findReferred(ctx, uri)).storage_location;
  const model = await ownerOf(ctx, 'model_id', uri.modelId);
  if (!model) throw missing(`Logged model with ID '${uri.modelId}' not found.`);
  return model.artifactUri;
}

type OwnerKind = 'run_id' | 'model_id';

function checkSource(source: string, kind: OwnerKind, id: string | undefined, owner: Owner | undefined): void {
  const scheme = schemeOf(source);
  if (isLocal(source, scheme)) {
    if (id && !owner) throw notContained(source, kind);
    if (owner && isLocal(owner.artifactUri, schemeOf(owner.artifactUri)) && isBelow(source, owner.artifactUri)) return;
    throw invalid(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the ${kind} request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the ${kind}.`,
    );
  }
  checkNoRelativePath(source);
  if (scheme === 'runs') {
    const named = /^runs:\/+([^/]+)/.exec(source)?.[1];
    if (hasAuthority(source) || kind === 'model_id' || !id || named !== id) throw notContained(source, kind);
  }
  if (scheme === 'models') {
    const uri = parseModelsUri(source);
    if (!uri || hasAuthority(source)) throw notContained(source, 'model_id');
    if ('modelId' in uri && (kind !== 'model_id' || uri.modelId !== id)) throw notContained(source, 'model_id');
  }
  if (isProxied(source, scheme) && !(owner && isWithin(source, owner.artifactUri))) throw notContained(source, kind);
}

const notContained = (source: string, kind: OwnerKind) =>
  invalid(
    `Invalid model version source: '${source}'. The ${kind} request parameter must identify the resource that contains the source.`,
  );

const schemeOf = (uri: string) => /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? '';

const hasAuthority = (uri: string) => /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(uri);

function isLocal(uri: string, scheme: string): boolean {
  if (scheme === '') return true;
  if (scheme !== 'file') return false;
  const host = /^file:\/\/([^/]*)/i.exec(uri)?.[1] ?? '';
  if (host === '' || host === '.' || /^(localhost|127\.0\.0\.1)/.test(host)) return true;
  throw invalid(
    `${uri} is not a valid remote uri. For remote access on windows, please consider using a different scheme such as SMB (e.g. smb://<hostname>/<path>).`,
  );
}

/** Whether a local path is a folder or in it, links followed. */
function isBelow(path: string, folder: string): boolean {
  const [inner, outer] = [real(path), real(folder)];
  return inner === outer || inner.startsWith(outer + sep);
}

function real(uri: string): string {
  const path = schemeOf(uri) === 'file' ? fileURLToPath(uri.replace(/^file:(\/\/[^/]*)?/i, 'file://')) : uri;
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** Paths of the server must not be reached by a detour, however it is encoded. */
function checkNoRelativePath(source: string): void {
  const refuse = () =>
    invalid(
      `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
    );
  const plain = unquoted(source.replaceAll('+', ' '));
  const path = plain.replace(/^[a-z][a-z0-9+.-]*:(\/\/[^/?#]*)?/i, '').replace(/[?#].*$/s, '');
  const parts = path.split('/');
  if (plain.includes('\0') || plain.split('/').includes('..')) throw refuse();
  if (!path.startsWith('/') || parts.includes('.') || /^\/*$/.test(path)) throw refuse();
}

/** Percent-encoding undone until nothing changes. */
function unquoted(text: string): string {
  let before = text;
  for (let round = 0; round < 100; round++) {
    const after = before.replace(/(%[0-9a-f]{2})+/gi, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString(),
    );
    if (after === before) return after;
    before = after;
  }
  throw invalid('Invalid model version source: it is encoded too often.');
}

/** Whether the server itself keeps what lies there. */
function isProxied(uri: string, scheme: string): boolean {
  if (scheme === 'mlflow-artifacts') return true;
  return /^https?$/.test(scheme) && `/${partsOf(uri).join('/')}/`.includes('/api/2.0/mlflow-artifacts/artifacts/');
}

function isWithin(source: string, root: string): boolean {
  const authority = (uri: string) => /^[a-z][a-z0-9+.-]*:(?:\/\/([^/?#]*))?/i.exec(uri)?.[1]?.toLowerCase() ?? '';
  const [inner, outer] = [partsOf(source), partsOf(root)];
  return (
    schemeOf(source) === schemeOf(root) &&
    authority(source) === authority(root) &&
    outer.length > 0 &&
    outer.every((part, i) => part === inner[i])
  );
}

const partsOf = (uri: string) =>
  uri
    .replace(/^[a-z][a-z0-9+.-]*:(\/\/[^/?#]*)?/i, '')
    .replace(/[?#].*$/s, '')
    .split('/')
    .filter((part) => part !== '')
    .map(unquoted);

/** Artifact listings of runs and logged models. */
import type { artifacts as table } from '../../api/artifacts.js';
import type { Handlers } from '../../api/endpoint.js';
import { type FileInfo, invalid } from '../../api/index.js';
import { checkPath, repositoryPath } from '../artifacts/paths.js';
import { sql } from '../db/sql.js';
import type { StoreContext } from './context.js';
import { findModel } from './logged-models.js';
import { runNotFound } from './runs.js';
import { runIdOf } from './validation.js';

export const artifacts: Handlers<typeof table, StoreContext> = {
  async listArtifacts(request, ctx) {
    const id = runIdOf(request);
    const row = await ctx.db.get<{ artifact_uri: string }>(sql`select artifact_uri from runs where run_id = ${id}`);
    if (!row) throw runNotFound(id);
    return listing(ctx, row.artifact_uri, request.path);
  },

  async listLoggedModelArtifacts({ model_id, artifact_directory_path }, ctx) {
    const model = await findModel(ctx, model_id);
    return listing(ctx, model.artifact_uri, artifact_directory_path);
  },
};

async function listing(ctx: StoreContext, rootUri: string, path: string | undefined) {
  const below = checkPath(path ?? '');
  const root = repositoryPath(rootUri);
  if (root === undefined) {
    throw invalid(`The artifacts are at ${rootUri}, which this server does not serve: list them there.`);
  }
  const files = await ctx.artifacts.list(below === '' ? root : `${root}/${below}`);
  const relative = files.map((file): FileInfo => ({ ...file, path: file.path.slice(root.length + 1) }));
  return { root_uri: rootUri, ...(relative.length > 0 && { files: relative }) };
}

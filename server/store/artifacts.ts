/** Where the artifacts of runs, logged models and traces are; what is there is no matter of the store. */
import type { Handlers } from '../../api/endpoint.js';
import type { artifactCalls as table } from '../artifacts/calls.js';
import { checkPath } from '../artifacts/paths.js';
import { sql } from '../db/sql.js';
import type { StoreContext } from './context.js';
import { findExperiment } from './experiments.js';
import { findModel } from './logged-models.js';
import { runNotFound } from './runs.js';
import { findTrace } from './traces/rows.js';
import { locationOf } from './traces/traces.js';
import { runIdOf } from './validation.js';

export const artifacts: Handlers<typeof table, StoreContext> = {
  async locateArtifacts(request, ctx) {
    const id = runIdOf(request);
    const path = checkPath(request.path ?? '');
    const row = await ctx.db.get<{ artifact_uri: string }>(sql`select artifact_uri from runs where run_id = ${id}`);
    if (!row) throw runNotFound(id);
    return { root_uri: row.artifact_uri, path };
  },

  async locateLoggedModelArtifacts({ model_id, artifact_directory_path }, ctx) {
    const path = checkPath(artifact_directory_path ?? '');
    const { artifact_uri } = await findModel(ctx, model_id);
    return { root_uri: artifact_uri, path };
  },

  /** Where it was said to be at the start: its tag can be changed by anyone. */
  async locateTraceArtifacts({ trace_id }, ctx) {
    const { experiment } = await findTrace(ctx, trace_id);
    const { artifact_location } = await findExperiment(ctx, String(experiment));
    return { root_uri: locationOf(artifact_location, trace_id) };
  },
};

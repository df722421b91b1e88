/** The URIs of models that can be tried: those that always mean the same model. */
import { invalid } from '../../api/index.js';

export type ModelUri =
  | { readonly kind: 'version'; readonly name: string; readonly version: string }
  | { readonly kind: 'logged'; readonly model_id: string }
  | { readonly kind: 'run'; readonly run_id: string; readonly path: string };

/** Throws INVALID_PARAMETER_VALUE. */
export function parseModelUri(uri: string): ModelUri {
  const [, name, version] = /^models:\/+([^/@]+)\/(\d{1,15})\/?$/.exec(uri) ?? [];
  if (name !== undefined && version !== undefined) return { kind: 'version', name, version };
  const [, model_id] = /^models:\/+(m-[^/@]+)\/?$/.exec(uri) ?? [];
  if (model_id !== undefined) return { kind: 'logged', model_id };
  const [, run_id, path] = /^runs:\/+([^/]+)\/+(.+)$/.exec(uri) ?? [];
  if (run_id !== undefined && path !== undefined) return { kind: 'run', run_id, path };
  throw invalid(
    `'model_uri' must be models:/NAME/VERSION, models:/m-ID or runs:/RUN_ID/PATH, not '${uri.slice(0, 200)}'.`,
  );
}

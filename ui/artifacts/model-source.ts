/** A model's folder as what registers it and loads it. */
import type { ArtifactOwner } from '../queries/artifacts.js';
import { client } from '../queries/connection.js';
import type { ModelSource } from './RegisterModel.js';

/** `folder` is where MLmodel lies, below the owner's root. Undefined for what is registered already. */
export function sourceOf(owner: ArtifactOwner, folder: string): ModelSource | undefined {
  if (owner.kind === 'version') return undefined;
  if (owner.kind === 'model') return { source: `models:/${owner.id}`, model_id: owner.id };
  return { source: modelUri(owner, folder), run_id: owner.id };
}

export function modelUri(owner: ArtifactOwner, folder: string): string {
  const below = folder && `/${folder}`;
  if (owner.kind === 'version') return `models:/${owner.name}/${owner.version}`;
  return owner.kind === 'model' ? `models:/${owner.id}` : `runs:/${owner.id}${below}`;
}

export const loadSnippet = (uri: string) => `import mlflow

mlflow.set_tracking_uri(${JSON.stringify(client.uri)})
model = mlflow.pyfunc.load_model(${JSON.stringify(uri)})
predictions = model.predict(data)`;

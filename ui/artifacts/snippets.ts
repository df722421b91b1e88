/** Code that fetches a file from this server, for notebooks, scripts and shells. */
import type { ArtifactOwner } from '../queries/artifacts.js';
import { fileUrl } from '../queries/artifacts.js';
import { client } from '../queries/connection.js';

export interface Snippet {
  language: 'Python' | 'TypeScript' | 'curl';
  code: string;
}

const quoted = JSON.stringify;
/** For a POSIX shell. */
export const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export function downloadSnippets(owner: ArtifactOwner, path: string): Snippet[] {
  const url = fileUrl(owner, path);
  return [
    { language: 'Python', code: pythonDownload(owner, path) },
    {
      language: 'TypeScript',
      code: `const answer = await fetch(${quoted(url)});\nconst bytes = new Uint8Array(await answer.arrayBuffer());`,
    },
    { language: 'curl', code: `curl -fOJ ${shellQuoted(url)}` },
  ];
}

function pythonDownload(owner: ArtifactOwner, path: string): string {
  const start = `import mlflow\n\nmlflow.set_tracking_uri(${quoted(client.uri)})\n`;
  if (owner.kind === 'run') {
    return `${start}local_path = mlflow.artifacts.download_artifacts(run_id=${quoted(owner.id)}, artifact_path=${quoted(path)})`;
  }
  const root = owner.kind === 'model' ? `models:/${owner.id}` : `models:/${owner.name}/${owner.version}`;
  return `${start}local_path = mlflow.artifacts.download_artifacts(artifact_uri=${quoted(`${root}/${path}`)})`;
}

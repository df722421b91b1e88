/** What a server answers for the half of MLflow's API that it was told not to be. Source: `_disable_unless_serve_artifacts`, `_disable_if_artifacts_only` in `mlflow/server/handlers.py`. */
import type { ServerResponse } from 'node:http';

/** `path`: without its query. */
export function refuseArtifacts(path: string, res: ServerResponse): void {
  refuse(
    res,
    `Endpoint: \`${path}\` disabled due to the mltrack server running with \`--no-serve-artifacts\`. To enable artifacts server functionality, run \`mltrack server\` with \`--serve-artifacts\`.`,
  );
}

/** `path`: without its query. */
export function refuseTracking(path: string, res: ServerResponse): void {
  refuse(
    res,
    `Endpoint: \`${path}\` disabled due to the mltrack server running in \`--artifacts-only\` mode. To enable tracking server functionality, run \`mltrack server\` without \`--artifacts-only\`.`,
  );
}

function refuse(res: ServerResponse, text: string): void {
  res.statusMessage = 'SERVICE UNAVAILABLE';
  res.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

/** Endpoints of MLflow that this server knows and does not have: they are answered 501, each with what it is, and not as paths that nobody knows. */
import { MltrackError } from '../api/index.js';

/** Paths below `/api` and `/ajax-api`. The first that fits counts. */
const BELOW_PREFIX: readonly (readonly [RegExp, string])[] = [
  [/^\/3\.0\/mlflow\/traces\/(metrics|calculate-filter-correlation)$/, 'Statistics over traces are'],
  [/^\/4\.0\/mlflow\/traces(\/|$)/, 'Traces in catalogs are'],
  [/^\/2\.0\/mlflow\/(unified-traces|get-online-trace-details)$/, 'Traces in inference tables are'],
  [/^\/3\.0\/mlflow\/datasets(\/|$)/, 'Evaluation datasets are'],
  [/^\/3\.0\/mlflow\/scorers?(\/|$)/, 'Scorers are'],
  [/^\/3\.0\/mlflow\/(issues|label-schemas|review-queues)(\/|$)/, 'Issues, label schemas and review queues are'],
  [/^\/(3\.0\/mlflow\/gateway|2\.0\/mlflow\/gateway-proxy)(\/|$)/, 'The AI gateway is'],
  [/^\/3\.0\/mlflow\/prompt-optimization(\/|$)/, 'Prompt optimization is'],
  [/^\/3\.0\/mlflow\/workspaces(\/|$)/, 'Workspaces are'],
  [/^\/3\.0\/(mlflow\/)?jobs(\/|$)/, 'Jobs of the server are'],
  [/^\/2\.0\/mlflow\/runs\/create-promptlab-run$/, 'Prompt engineering runs are'],
];

/** Clients of MLflow look for the words before the colon: then they keep spans as artifacts. */
const SPANS =
  'REST OTLP span logging is not supported by this server: clients keep the spans of a trace as its artifact.';
const GRAPHQL = 'GraphQL is not implemented by this server: its REST API has everything that it serves.';

/** The error for a path of something that is not there, else undefined. */
export function notImplemented(path: string): MltrackError | undefined {
  const message = messageOf(path);
  return message === undefined ? undefined : new MltrackError('NOT_IMPLEMENTED', message);
}

function messageOf(path: string): string | undefined {
  if (path === '/v1/traces') return SPANS;
  if (/^(\/ajax-api\/2\.0\/mlflow)?\/graphql$/.test(path)) return GRAPHQL;
  const [, below] = /^\/(?:ajax-)?api(\/.*)$/.exec(path) ?? [];
  if (below === undefined) return undefined;
  const what = BELOW_PREFIX.find(([pattern]) => pattern.test(below))?.[1];
  return what && `${what} not implemented by this server.`;
}

/** Who may use the routes that no table has. A route without a rule here cannot be reached where users sign in. */
import { API_PREFIXES, ARTIFACT_PROXY_PATH } from '../../api/index.js';
import { checkPath } from '../artifacts/paths.js';
import { parseModelUri } from '../serving/model-uri.js';
import type { Level } from './calls.js';
import { forbidden } from './identity.js';

/** What the store must allow; without a resource, only admins may. */
export interface Needed {
  readonly level: Level;
  readonly experiment_id?: string;
  readonly run_id?: string;
  readonly model_id?: string;
  readonly model_name?: string;
  readonly trace_id?: string;
}

/** `person`: whoever has signed in, the route itself looks at what he may read. */
type Rule = (rest: string, query: URLSearchParams, method: string) => Needed | 'person';

const anyPerson: Rule = () => 'person';

const ofModelUri: Rule = (_, query) => {
  const uri = parseModelUri(named(query, 'model_uri'));
  if (uri.kind === 'version') return { level: 'read', model_name: uri.name };
  return uri.kind === 'logged' ? { level: 'read', model_id: uri.model_id } : { level: 'read', run_id: uri.run_id };
};

const OF_ARTIFACT: Record<string, Level> = { GET: 'read', PUT: 'update', DELETE: 'delete' };

/** Artifacts that the server keeps lie below the id of their experiment. */
const artifact: Rule = (rest, query, method) => {
  const path = rest === '' && method === 'GET' ? one(query, 'path') : decoded(rest);
  const [first = ''] = checkPath(path ?? '').split('/');
  const level = OF_ARTIFACT[method];
  if (level === undefined) throw forbidden();
  return /^\d+$/.test(first) ? { level, experiment_id: first } : { level };
};

/** A folder in the path; what the file is called is in the body. */
const upload: Rule = (rest, query) => (rest === '' ? { level: 'update' } : artifact(rest, query, 'PUT'));

const ofRun =
  (level: Level): Rule =>
  (_, query) => ({ level, run_id: named(query, 'run_id', 'run_uuid') });

const ofLoggedModel: Rule = (rest) => {
  const [, id] = /^([^/]+)\/artifacts\/files$/i.exec(rest) ?? [];
  if (id === undefined) throw forbidden();
  return { level: 'read', model_id: decoded(id) };
};

const ofTrace: Rule = (_, query) => ({ level: 'read', trace_id: named(query, 'request_id', 'trace_id') });

/** One kind of owner at a time. */
const archive: Rule = (_, query) => {
  const kinds = [query.has('name'), query.has('model_id'), query.has('run_id') || query.has('run_uuid')];
  if (kinds.filter(Boolean).length !== 1) throw forbidden();
  if (kinds[0]) return { level: 'read', model_name: named(query, 'name') };
  if (kinds[1]) return { level: 'read', model_id: named(query, 'model_id') };
  return { level: 'read', run_id: named(query, 'run_id', 'run_uuid') };
};

/** Method and path, and what follows the path. Below a prefix of the API unless `bare`. */
const ROUTES: readonly { methods: readonly string[]; path: string; below?: boolean; bare?: boolean; rule: Rule }[] = [
  { methods: ['GET', 'PUT', 'DELETE'], path: ARTIFACT_PROXY_PATH, below: true, rule: artifact },
  { methods: ['POST'], path: '/2.0/mlflow-artifacts/mpu/create', below: true, rule: upload },
  { methods: ['POST'], path: '/2.0/mlflow-artifacts/mpu/complete', below: true, rule: upload },
  { methods: ['POST'], path: '/2.0/mlflow-artifacts/mpu/abort', below: true, rule: upload },
  { methods: ['GET'], path: '/2.0/mlflow-artifacts/presigned', below: true, rule: artifact },
  { methods: ['GET'], path: '/get-artifact', bare: true, rule: ofRun('read') },
  { methods: ['POST'], path: '/2.0/mlflow/upload-artifact', rule: ofRun('update') },
  {
    methods: ['GET'],
    path: '/model-versions/get-artifact',
    bare: true,
    rule: (_, query) => ({ level: 'read', model_name: named(query, 'name') }),
  },
  { methods: ['GET'], path: '/2.0/mlflow/logged-models', below: true, rule: ofLoggedModel },
  { methods: ['GET'], path: '/2.0/mltrack/artifacts/archive', rule: archive },
  { methods: ['GET'], path: '/2.0/mltrack/events', rule: anyPerson },
  { methods: ['GET'], path: '/2.0/mltrack/serving/describe', rule: ofModelUri },
  { methods: ['POST'], path: '/2.0/mltrack/serving/invocations', rule: ofModelUri },
  { methods: ['GET'], path: '/2.0/mlflow/get-trace-artifact', rule: ofTrace },
  { methods: ['GET'], path: '/3.0/mlflow/get-trace-artifact', rule: ofTrace },
];

/**
 * `needed` of a route with a rule: throws INVALID_PARAMETER_VALUE for an unsafe path, PERMISSION_DENIED for an ambiguous one.
 * `closed` are the API's other paths, `open` the UI's.
 */
export type Verdict = { needed(): Needed | 'person' } | 'closed' | 'open';

export function verdictOf(method: string, url: string): Verdict {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const prefix = API_PREFIXES.find((each) => path.toLowerCase().startsWith(`${each}/`));
  const below = prefix === undefined ? path : path.slice(prefix.length);
  for (const route of ROUTES) {
    if ((prefix === undefined) !== (route.bare ?? false)) continue;
    // Express takes any case and a slash at the end.
    if (!below.toLowerCase().startsWith(route.path)) continue;
    const rest = below.slice(route.path.length).replace(/^\/|\/$/g, '');
    if (!/^(\/|$)/.test(below.slice(route.path.length)) || (rest !== '' && !route.below)) continue;
    if (!route.methods.includes(method === 'HEAD' ? 'GET' : method)) return 'closed';
    const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
    return { needed: () => route.rule(rest, query, method === 'HEAD' ? 'GET' : method) };
  }
  const reads = method === 'GET' || method === 'HEAD';
  return prefix === undefined && reads && !/^\/(get-artifact|model-versions|graphql|v1)(\/|$)/i.test(path)
    ? 'open'
    : 'closed';
}

function one(query: URLSearchParams, name: string): string | undefined {
  const all = query.getAll(name);
  // Whoever answers might take another than was checked.
  if (all.length > 1) throw forbidden();
  return all[0];
}

/** The one value that the names have together. */
function named(query: URLSearchParams, ...names: string[]): string {
  const given = new Set(names.map((name) => one(query, name)).filter((value) => value !== undefined));
  const [value] = given;
  if (given.size !== 1 || !value) throw forbidden();
  return value;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw forbidden();
  }
}

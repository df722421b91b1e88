/** The URLs of the pages, and what becomes of MLflow's older ones. */

const segment = encodeURIComponent;

function search(fields: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) if (value) query.set(key, value);
  const text = query.toString();
  return text && `?${text}`;
}

export const experimentsLink = '/experiments';
export const experimentLink = (id: string) => `/experiments/${segment(id)}`;

export type RunTab = 'overview' | 'metrics' | 'system' | 'artifacts' | 'logs';

/** The runs of several experiments. */
export const runsLink = (experimentIds: readonly string[]) => `/runs${search({ exp: experimentIds.join() })}`;
export const compareLink = (runIds: readonly string[]) => `/compare${search({ runs: runIds.join() })}`;
export const modelsLink = '/models';
export const modelLink = (name: string) => `${modelsLink}/${segment(name)}`;
export type VersionTab = 'overview' | 'try' | 'files';

export function versionLink(name: string, version: string, options: { tab?: VersionTab; path?: string } = {}): string {
  const fields = { tab: options.tab === 'overview' ? undefined : options.tab, path: options.path };
  return `${modelLink(name)}/versions/${segment(version)}${search(fields)}`;
}

export const settingsLink = '/settings';
export const loginPath = '/login';
export const loginLink = (next: string) => `${loginPath}${search({ next })}`;

/** Where a sign-in goes on to: a page of this server, whatever the address says. */
export function pageAfterLogin(next: string | null): string {
  try {
    const { origin, pathname, search: query, hash } = new URL(next ?? '', location.origin);
    if (origin === location.origin && next && pathname !== loginPath) return pathname + query + hash;
  } catch {
    // No address at all.
  }
  return experimentsLink;
}

export interface RunLinkOptions {
  tab?: RunTab;
  /** A file of the run, or of the logged model when that is given. */
  path?: string;
  model?: string;
}

export function runLink(experimentId: string, runId: string, options: RunLinkOptions = {}): string {
  const { tab, path, model } = options;
  const fields = { tab: tab === 'overview' ? undefined : tab, model, path };
  return `${experimentLink(experimentId)}/runs/${segment(runId)}${search(fields)}`;
}

/**
 * The page for a link of MLflow's UI, given without its `#`, such as `/experiments/1/runs/abc/artifacts/model`.
 * Undefined for pages that have no counterpart here.
 */
export function pageOfOldLink(link: string): string | undefined {
  const [path = '', query = ''] = link.split('?');
  const [, noun = '', ...rest] = path.split('/').map(decoded);
  const listed = new URLSearchParams(query);
  if (noun === '') return experimentsLink;
  if (noun === 'experiments') return pageOfOldExperiment(rest);
  if (noun === 'models') return pageOfOldModel(rest);
  if (noun === 'compare-experiments') return pageOfMany(ids(listed.get('experiments')), experimentLink, runsLink);
  if (noun !== 'compare-runs' && noun !== 'metric') return undefined;
  const [experimentId = ''] = ids(listed.get('experiments'));
  return pageOfMany(ids(listed.get('runs')), (id) => runLink(experimentId, id, { tab: 'metrics' }), compareLink);
}

function pageOfOldExperiment([experimentId, runs, runId, view, ...rest]: string[]): string {
  if (!experimentId) return experimentsLink;
  if (runs !== 'runs' || !runId) return experimentLink(experimentId);
  if (view === 'artifacts' || view === 'artifactPath') {
    return runLink(experimentId, runId, { tab: 'artifacts', path: rest.join('/') });
  }
  const charts = view === 'model-metrics' || view === 'system-metrics';
  return runLink(experimentId, runId, { tab: charts ? 'metrics' : 'overview' });
}

function pageOfOldModel([name, versions, version]: string[]): string {
  if (!name) return modelsLink;
  return versions === 'versions' && version ? versionLink(name, version) : modelLink(name);
}

/** A list as MLflow's links have it: `["a","b"]`. */
function ids(text: string | null): string[] {
  try {
    const found: unknown = JSON.parse(text ?? '');
    return Array.isArray(found) ? found.map(String) : [];
  } catch {
    return [];
  }
}

function pageOfMany(
  found: readonly string[],
  one: (id: string) => string,
  many: (ids: readonly string[]) => string,
): string {
  const [first] = found;
  return first === undefined ? experimentsLink : found.length === 1 ? one(first) : many(found);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Puts the page of an old `/#/…` link in its place. */
export function rewriteOldLink(): void {
  if (!location.hash.startsWith('#/')) return;
  const page = pageOfOldLink(location.hash.slice(1));
  if (page) history.replaceState(null, '', page);
}

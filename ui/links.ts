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
export const versionLink = (name: string, version: string) => `${modelLink(name)}/versions/${segment(version)}`;
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
  const [path = ''] = link.split('?');
  const [, noun, experimentId, runs, runId, view, ...rest] = path.split('/').map(decoded);
  if (noun !== 'experiments') return path === '/' ? experimentsLink : undefined;
  if (!experimentId) return experimentsLink;
  if (runs !== 'runs' || !runId) return experimentLink(experimentId);
  if (view === 'artifacts' || view === 'artifactPath') {
    return runLink(experimentId, runId, { tab: 'artifacts', path: rest.join('/') });
  }
  const charts = view === 'model-metrics' || view === 'system-metrics';
  return runLink(experimentId, runId, { tab: charts ? 'metrics' : 'overview' });
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

/** Where artifacts lie: which locations an experiment may be given, and the URIs below them. Source: `_validate_storage_location_uri` in `mlflow/server/handlers.py`, and `mlflow/utils/uri.py`. */
import { invalid } from '../../api/index.js';
import type { LengthRules } from '../length-rules.js';

const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]+):/;
/** Schemes whose last path segment may carry `;params`, as Python's urlparse has them; none at all counts too. */
const WITH_PARAMS = new Set(['', 'ftp', 'http', 'https', 'sftp']);

/** The location in the form that is stored: a relative path becomes absolute, from the server's working directory. Throws INVALID_PARAMETER_VALUE. */
export function checkedLocation(location: string, rules: LengthRules): string {
  const scheme = SCHEME.exec(location)?.[1]?.toLowerCase() ?? '';
  const [path = '', query = ''] = location.replace(/#.*$/s, '').split(/\?(.*)/s);
  const hasParams = WITH_PARAMS.has(scheme) && path.slice(path.lastIndexOf('/')).includes(';');
  if (/#./s.test(location) || hasParams) throw invalid("'artifact_location' URL can't include fragments or params.");
  if (decoded(query).includes('..')) throw invalid('Invalid query string');
  if (location.startsWith('runs:')) {
    throw invalid(`Artifact location cannot be a runs:/ URI. Given: '${location}'`);
  }
  const resolved = resolveLocal(location, scheme);
  if (resolved.length > rules.artifactLocation) {
    throw invalid(
      `Invalid artifact path length. The length of the artifact path cannot be greater than ${rules.artifactLocation} characters. To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable.`,
    );
  }
  return resolved;
}

/** Percent-encoding may be nested, to hide what is in it. */
function decoded(query: string): string {
  let text = query;
  for (let i = 0; i < 10; i++) {
    let next: string;
    try {
      next = decodeURIComponent(text);
    } catch {
      return text;
    }
    if (next === text) return text;
    text = next;
  }
  throw invalid('Invalid query string');
}

function resolveLocal(location: string, scheme: string): string {
  // A drive of Windows is absolute, too.
  if (scheme === '') return /^(\/|[a-zA-Z]:)/.test(location) ? location : fromHere(location);
  if (scheme !== 'file') return location;
  const path = location.slice('file:'.length);
  const host = /^\/\/([^/?#]+)/.exec(path)?.[1];
  if (host !== undefined && !['localhost', '127.0.0.1', '::1', '.'].includes(host)) {
    throw invalid(
      `${location} is not a valid remote uri. For remote access on windows, please consider using a different scheme such as SMB (e.g. smb://<hostname>/<path>).`,
    );
  }
  return path.startsWith('/') ? location : `file://${fromHere(path)}`;
}

/** As pathlib joins: single dots go, double dots stay. */
function fromHere(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return [process.cwd(), ...parts].join('/');
}

/** The URI of a path below a location; a query stays at the end. */
export function below(location: string, path: string): string {
  const at = SCHEME.test(location) ? location.indexOf('?') : -1;
  const [root, query] = at < 0 ? [location, ''] : [location.slice(0, at), location.slice(at)];
  return `${root.replace(/\/$/, '')}/${path}${query}`;
}

/**
 * Artifact URIs that name a host: a client must not make the server, or whoever reads artifacts for it, connect to any host it
 * likes. Source: `mlflow/store/artifact/host_policy.py`.
 */
import { invalid } from '../../api/index.js';

const VARIABLE = 'MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES';

const HOST_ADDRESSED = ['ftp', 'sftp', 'hdfs', 'viewfs', 'http', 'https', 'mlflow-artifacts', 'r2', 'b2', 'abfss'];

export interface HostPolicy {
  /** Schemes that the operator allows for any host, in lower case. */
  readonly allowedSchemes: readonly string[];
  /** URIs of the server's own artifacts, whose hosts are allowed. */
  readonly ownRoots: readonly string[];
}

export function hostPolicy(env: Readonly<Record<string, string | undefined>>, ownRoots: readonly string[]): HostPolicy {
  const allowed = (env[VARIABLE] ?? '').split(',').map((scheme) => scheme.trim().toLowerCase());
  return { allowedSchemes: allowed.filter((scheme) => scheme !== ''), ownRoots };
}

/** Throws INVALID_PARAMETER_VALUE for a URI of a host that is not the server's own; `field` is the request's. */
export function checkHost({ allowedSchemes, ownRoots }: HostPolicy, uri: string, field: string): void {
  const { scheme, host } = partsOf(uri);
  if (!HOST_ADDRESSED.includes(scheme) || allowedSchemes.includes(scheme)) return;
  // Without a host it is the server itself.
  if (scheme === 'mlflow-artifacts' && host === '') return;
  if (ownRoots.some((root) => partsOf(root).scheme === scheme && partsOf(root).host === host)) return;
  throw invalid(
    `'${field}' cannot use the '${scheme}' scheme: the '${scheme}' scheme addresses a host other than the tracking server's configured artifact storage, so the server would connect to the host named in the URI. Set the ${VARIABLE} environment variable on the server to allow it.`,
  );
}

function partsOf(uri: string): { scheme: string; host: string } {
  const [, scheme = '', host = ''] = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?/i.exec(uri) ?? [];
  return { scheme: scheme.toLowerCase(), host: host.toLowerCase() };
}

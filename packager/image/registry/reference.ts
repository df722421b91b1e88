/**
 * Names of images, as Docker reads them (`reference/regexp.go` and `normalize.go` of github.com/distribution/reference),
 * and what a registry's host tells: where it answers and whether it is ECR.
 */

export interface Reference {
  /** HOST or HOST:PORT; `docker.io` where the name has none. */
  readonly registry: string;
  /** The path below the host; with `library/` where Docker adds it. */
  readonly repository: string;
  /** `latest` where the name has neither tag nor digest. */
  readonly tag: string | undefined;
  /** `sha256:` and 64 digits. It decides where there is a tag, too. */
  readonly digest: string | undefined;
}

const HOST =
  /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\d{1,5})?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MAX_NAME = 255;

/** Throws an Error of one line that quotes the name and says what is wrong with it. */
export function parseReference(text: string): Reference {
  const wrong = (why: string) => new Error(`'${text}' is no name of an image: ${why}`);
  if (/^[a-z]+:\/\//i.test(text)) throw wrong('it has no scheme; HOST/REPOSITORY:TAG was expected');
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const { registry, repository } = splitHost(colon < 0 ? named : named.slice(0, colon));
  if (!HOST.test(registry) || Number(/\]?:(\d+)$/.exec(registry)?.[1] ?? 0) > 65535) {
    throw wrong(`'${registry}' is no host, or host and port`);
  }
  for (const component of repository.split('/')) {
    if (!COMPONENT.test(component)) {
      throw wrong(
        `'${component}' in its path: lower-case letters and digits were expected, with . _ __ or - between them`,
      );
    }
  }
  if (registry.length + 1 + repository.length > MAX_NAME) throw wrong(`longer than ${MAX_NAME} characters`);
  if (tag !== undefined && !TAG.test(tag)) {
    throw wrong(`the tag '${tag}': at most 128 letters, digits, _ . and - were expected, not beginning with . or -`);
  }
  if (digest !== undefined && !DIGEST.test(digest)) {
    throw wrong(`the digest '${digest}': sha256: and 64 hexadecimal digits were expected`);
  }
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

function splitHost(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  if (slash < 0 || !(/[.:A-Z]/.test(first) || first === 'localhost')) return onHub(name);
  const repository = name.slice(slash + 1);
  return first === 'docker.io' || first === 'index.docker.io' ? onHub(repository) : { registry: first, repository };
}

const onHub = (path: string) => ({ registry: 'docker.io', repository: path.includes('/') ? path : `library/${path}` });

/** Where a registry answers: https, and for a host that is this machine http, as Docker has it. */
export function registryUrl(registry: string): string {
  if (registry === 'docker.io') return 'https://registry-1.docker.io';
  const url = new URL(`http://${registry}`);
  return isLoopback(url.hostname) ? `http://${registry}` : `https://${registry}`;
}

/** A URL's host name that can only be this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

export interface EcrRegistry {
  readonly account: string;
  readonly region: string;
  readonly partition: 'aws' | 'aws-cn' | 'aws-us-gov' | 'aws-eusc';
}

/** Source: "Making requests to Amazon ECR registries" in ECR's user guide; the hosts of partitions as in Kubernetes' cloud-provider-aws. */
const ECR_HOST =
  /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.(?:com\.cn|eu)))$/;
const PARTITIONS = { 'cn-': 'aws-cn', 'us-gov-': 'aws-us-gov', 'eusc-': 'aws-eusc' } as const;

/** Whose private ECR registry a host is, or undefined. */
export function ecrRegistry(host: string): EcrRegistry | undefined {
  const [, account, region] = ECR_HOST.exec(host) ?? [];
  if (account === undefined || region === undefined) return undefined;
  const found = Object.entries(PARTITIONS).find(([prefix]) => region.startsWith(prefix));
  return { account, region, partition: found?.[1] ?? 'aws' };
}

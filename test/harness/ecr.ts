/**
 * ECR as a push meets it, one host for its API and its registry, as strict as the real one: repositories must be made first,
 * tokens expire, sessions take one PUT, and an image is Docker's V2 schema 2. Blobs and manifests lie in a real registry.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { ECR_USER, type TestRegistry } from './registry.js';
import { type RegistryProxy, startProxy } from './registry-proxy.js';

export interface TestEcr extends RegistryProxy {
  /** Of the AWS SDK, for whoever is to meet this account. */
  readonly env: Record<string, string>;
  /** The settings of each repository there is, by name. */
  readonly repositories: Map<string, RepositoryState>;
  /** The tokens that were given so far are too old from now on. */
  expireTokens(): void;
  /** Calls of the API so far, in their order. */
  apiCalls(): string[];
}

export interface RepositoryState {
  readonly created: Json;
  policy: unknown;
}

type Json = Record<string, unknown>;

export const ECR_HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export async function startEcr(registry: TestRegistry): Promise<TestEcr> {
  const repositories = new Map<string, RepositoryState>();
  const tokens = new Map<string, 'valid' | 'expired'>();
  const give = () => {
    const token = Buffer.from(`AWS:${randomUUID()}`).toString('base64');
    tokens.set(`Basic ${token}`, 'valid');
    return token;
  };
  const proxy = await startProxy(registry, {
    authorization: `Basic ${Buffer.from(`${ECR_USER.username}:${ECR_USER.password}`).toString('base64')}`,
    async instead(incoming, answer) {
      try {
        if (incoming.headers['x-amz-target'] === undefined) {
          checkRegistryRequest(incoming, repositories, tokens);
          return false;
        }
        const call = String(incoming.headers['x-amz-target']).split('.')[1] as string;
        const body = JSON.parse((await buffer(incoming)).toString()) as Json;
        const reply = callApi(call, body, repositories, () => ({ token: give(), proxyEndpoint: proxy.url }));
        answer.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        answer.end(JSON.stringify(reply));
      } catch (error) {
        refuse(incoming, answer, error as Refusal);
      }
      return true;
    },
  });
  return {
    ...proxy,
    env: {
      AWS_ENDPOINT_URL: proxy.url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
    repositories,
    expireTokens: () => {
      for (const token of tokens.keys()) tokens.set(token, 'expired');
    },
    apiCalls: () => proxy.seen.filter(({ path }) => /^\/\w+$/.test(path)).map(({ path }) => path.slice(1)),
  };
}

function callApi(
  call: string,
  body: Json,
  repositories: Map<string, RepositoryState>,
  token: () => { token: string; proxyEndpoint: string },
): Json {
  const name = String(body.repositoryName ?? (body.repositoryNames as string[] | undefined)?.[0]);
  const repository = { repositoryName: name, repositoryUri: `${ECR_HOST}/${name}` };
  const require = (): RepositoryState => {
    const found = repositories.get(name);
    if (found) return found;
    throw new Refusal('RepositoryNotFoundException', `The repository with name '${name}' does not exist`);
  };
  switch (call) {
    case 'GetAuthorizationToken': {
      const { token: authorizationToken, proxyEndpoint } = token();
      return { authorizationData: [{ authorizationToken, proxyEndpoint }] };
    }
    case 'DescribeRepositories':
      require();
      return { repositories: [repository] };
    case 'CreateRepository':
      if (repositories.has(name)) {
        throw new Refusal('RepositoryAlreadyExistsException', `The repository with name '${name}' already exists`);
      }
      repositories.set(name, { created: body, policy: undefined });
      return { repository };
    case 'PutLifecyclePolicy':
      require().policy = body.lifecyclePolicyText;
      return {};
    case 'DeleteRepository':
      require();
      repositories.delete(name);
      return { repository };
    default:
      throw new Refusal('UnknownOperationException', `There is no ${call}`);
  }
}

function checkRegistryRequest(
  { method, url = '', headers }: IncomingMessage,
  repositories: Map<string, RepositoryState>,
  tokens: Map<string, 'valid' | 'expired'>,
): void {
  const token = tokens.get(headers.authorization ?? '');
  if (token === undefined) throw new Refusal('UNAUTHORIZED', 'Not Authorized', 401);
  if (token === 'expired') {
    throw new Refusal('DENIED', 'Your authorization token has expired. Reauthenticate and try again.', 403);
  }
  const name = /^\/v2\/(.+?)\/(?:blobs|manifests)\//.exec(url)?.[1] ?? '';
  if (!repositories.has(name)) {
    throw new Refusal('NAME_UNKNOWN', `The repository with name '${name}' does not exist in the registry`, 404);
  }
  if (method === 'PUT' && /\/manifests\//.test(url) && headers['content-type'] !== DOCKER_MANIFEST) {
    throw new Refusal('MANIFEST_INVALID', `SageMaker takes no ${headers['content-type']}`, 400);
  }
}

/** As the API refuses, or as the registry does. */
function refuse(incoming: IncomingMessage, answer: ServerResponse, { code, message, status = 500 }: Refusal): void {
  const isApi = incoming.headers['x-amz-target'] !== undefined;
  const body = isApi ? { __type: code, message } : { errors: [{ code, message }] };
  const challenge = status === 401 && !isApi ? { 'www-authenticate': `Basic realm="https://${ECR_HOST}/"` } : {};
  answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...challenge });
  answer.end(incoming.method === 'HEAD' ? undefined : JSON.stringify(body));
  incoming.resume();
}

/**
 * An AWS account for a test, on loopback: moto answers S3, ECR, STS, IAM and SageMaker's lists; in front of it stands what moto
 * does not have or check (`endpoints.ts`, `rules.ts`), injected failures, and a real model server behind InvokeEndpoint.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ECR } from '@aws-sdk/client-ecr';
import { S3 } from '@aws-sdk/client-s3';
import { SageMaker } from '@aws-sdk/client-sagemaker';
import { AWS_REQUIREMENTS, pythonWith } from '../harness/python.js';
import { createEndpoints, ENDPOINT_CALLS, type Endpoints, type Json, Refusal } from './endpoints.js';
import { type Account, RULES } from './rules.js';

export const REGION = 'eu-west-1';
export const ACCOUNT = '123456789012';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/sagemaker`;

export interface Left {
  endpoints: string[];
  configs: string[];
  models: string[];
  /** `bucket`, `bucket/key`, or `unfinished bucket/key` of an upload in parts. */
  s3: string[];
}

export interface TestAws {
  /** For a command that is to use this account. */
  readonly env: Record<string, string>;
  readonly endpoints: Endpoints;
  /** The calls so far, in order: `CreateModel`, `PutObject`, … */
  readonly calls: string[];
  /** Bodies of SageMaker's calls, by name, the latest last. */
  bodies(call: string): Json[];
  /** The call is refused so many times, before or after it has done its work. */
  refuse(call: string, refusal: Refusal, times?: number, after?: boolean): void;
  /** What the container has written. */
  containerLog: string[];
  /** URL of the model server that answers InvokeEndpoint. */
  modelServer: string | undefined;
  /** Resolves when the call is made for the next time. */
  made(call: string): Promise<void>;
  /** Puts an image of that manifest type into ECR and resolves to its digest. */
  putImage(tag: string, mediaType?: string): Promise<string>;
  object(bucket: string, key: string): Promise<Uint8Array>;
  /** Puts a folder's files below a prefix of a bucket, which is made. */
  putFolder(bucket: string, prefix: string, folder: string): Promise<void>;
  /** All that is in the account. */
  left(): Promise<Left>;
  /** An empty account. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export const NOTHING: Left = { endpoints: [], configs: [], models: [], s3: [] };

export const denied = (call: string) =>
  new Refusal(
    'AccessDeniedException',
    `User: arn:aws:iam::${ACCOUNT}:user/x is not authorized to perform: ${call}`,
    400,
  );
export const throttled = new Refusal('ThrottlingException', 'Rate exceeded', 400);

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export async function startAws(): Promise<TestAws> {
  const moto = await startMoto();
  const clients = clientsOf(moto.url);
  const endpoints = createEndpoints();
  const account = accountOf(clients, endpoints);
  const calls: string[] = [];
  const bodies: [string, Json][] = [];
  let refusals: { call: string; refusal: Refusal; times: number; after: boolean }[] = [];
  const waiting = new Map<string, (() => void)[]>();

  const takeRefusal = (call: string, after: boolean) => {
    const found = refusals.find((each) => each.call === call && each.after === after && each.times > 0);
    if (found) found.times--;
    return found?.refusal;
  };

  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const call = callOf(request);
    calls.push(call);
    for (const wake of waiting.get(call) ?? []) wake();
    waiting.delete(call);
    try {
      const before = takeRefusal(call, false);
      if (before) throw before;
      const answer = await answerTo(call, request, body);
      const after = takeRefusal(call, true);
      if (after) throw after;
      response.writeHead(answer.status, answer.headers).end(request.method === 'HEAD' ? undefined : answer.body);
    } catch (error) {
      refuseWith(response, error as Error, isS3(request));
    }
  });

  async function answerTo(call: string, request: IncomingMessage, body: Buffer): Promise<Reply> {
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string' && target.startsWith('SageMaker.')) {
      const json = JSON.parse(body.toString()) as Json;
      bodies.push([call, json]);
      await RULES[call]?.(json, account);
      if (ENDPOINT_CALLS.includes(call)) return jsonReply(endpoints.call(call, json));
    }
    if (call === 'InvokeEndpoint') return invoke(aws.modelServer, endpoints, request, body);
    if (call === 'DescribeLogStreams') return jsonReply({ logStreams: [{ logStreamName: 'variant/i-0' }] });
    if (call === 'GetLogEvents') return jsonReply({ events: aws.containerLog.map((message) => ({ message })) });
    return forward(moto.url, request, body);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;

  const aws: TestAws = {
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
    endpoints,
    calls,
    bodies: (call) => bodies.filter(([name]) => name === call).map(([, body]) => body),
    refuse: (call, refusal, times = 1, after = false) => refusals.push({ call, refusal, times, after }),
    containerLog: [],
    modelServer: undefined,
    made: (call) => new Promise((resolve) => waiting.set(call, [...(waiting.get(call) ?? []), resolve])),
    putImage: (tag, mediaType) => putImage(clients.ecr, tag, mediaType),
    async object(Bucket, Key) {
      const { Body } = await clients.s3.getObject({ Bucket, Key });
      return (await Body?.transformToByteArray()) as Uint8Array;
    },
    putFolder: (bucket, prefix, folder) => putFolder(clients.s3, { bucket, prefix, folder }),
    left: () => leftIn(clients, endpoints),
    async reset() {
      await fetch(`${moto.url}/moto-api/reset`, { method: 'POST' });
      endpoints.clear();
      calls.length = 0;
      bodies.length = 0;
      refusals = [];
      aws.containerLog = [];
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await moto.stop();
    },
  };
  return aws;
}

interface Clients {
  s3: S3;
  ecr: ECR;
  sagemaker: SageMaker;
}

function clientsOf(endpoint: string): Clients {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const settings = { endpoint, region: REGION, credentials };
  return {
    s3: new S3({ ...settings, forcePathStyle: true }),
    ecr: new ECR(settings),
    sagemaker: new SageMaker(settings),
  };
}

/** moto alone, for tests that need no more of AWS than S3. */
export async function startMoto(): Promise<{ url: string; stop(): Promise<void> }> {
  const python = await pythonWith(AWS_REQUIREMENTS);
  const port = await freePort();
  const args = ['-H', '127.0.0.1', '-p', String(port)];
  const child: ChildProcess = spawn(join(dirname(python), 'moto_server'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let log = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk;
      if (log.includes('Running on')) resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    exited.then(() => reject(new Error(`moto ended: ${log}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  return port;
}

const isS3 = ({ headers }: IncomingMessage) => /\/s3\/aws4_request/.test(headers.authorization ?? '');

const UPLOADS: Record<string, string> = {
  'POST uploads': 'CreateMultipartUpload',
  'PUT partNumber': 'UploadPart',
  'POST uploadId': 'CompleteMultipartUpload',
  'DELETE uploadId': 'AbortMultipartUpload',
};

/** The call's name, as AWS writes it. */
function callOf(request: IncomingMessage): string {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.')[1] as string;
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  if (/^\/endpoints\/[^/]+\/invocations$/.test(path)) return 'InvokeEndpoint';
  if (!isS3(request)) return 'Query';
  const parameters = new URLSearchParams(query);
  const part = ['uploads', 'partNumber', 'uploadId'].find((name) => parameters.has(name));
  const upload = UPLOADS[`${request.method} ${part}`];
  if (upload) return upload;
  const kind = path.split('/').filter((part) => part !== '').length > 1 ? 'Object' : 'Bucket';
  const verbs: Record<string, string> = { HEAD: 'Head', PUT: kind === 'Bucket' ? 'Create' : 'Put', DELETE: 'Delete' };
  return `${verbs[request.method ?? ''] ?? 'Get'}${kind}`;
}

interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

const jsonReply = (body: Json): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: Buffer.from(JSON.stringify(body)),
});

/** As AWS refuses in JSON, or S3 in XML. */
function refuseWith(response: ServerResponse, error: Error, xml: boolean): void {
  const { code, status } = error instanceof Refusal ? error : { code: 'InternalFailure', status: 500 };
  const body = xml
    ? `<Error><Code>${code}</Code><Message>${error.message}</Message></Error>`
    : JSON.stringify({ __type: code, message: error.message });
  response.writeHead(status, { 'content-type': xml ? 'application/xml' : 'application/x-amz-json-1.1' }).end(body);
}

const NOT_FORWARDED = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect']);

async function forward(base: string, request: IncomingMessage, body: Buffer): Promise<Reply> {
  const headers = Object.entries(request.headers).filter(([name]) => !NOT_FORWARDED.has(name)) as [string, string][];
  const method = request.method as string;
  const answer = await fetch(`${base}${request.url}`, {
    method,
    headers,
    ...(method !== 'GET' && method !== 'HEAD' && { body: new Uint8Array(body) }),
  });
  const gone = new Set(['connection', 'content-length', 'content-encoding', 'transfer-encoding']);
  return {
    status: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => !gone.has(name))),
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

/** The container's answer, or what SageMaker makes of its refusal. */
async function invoke(
  server: string | undefined,
  endpoints: Endpoints,
  { url = '', headers }: IncomingMessage,
  body: Buffer,
): Promise<Reply> {
  const name = url.split('/')[2] as string;
  if (!endpoints.names().includes(name))
    throw new Refusal('ValidationError', `Endpoint ${name} of account ${ACCOUNT} not found.`);
  const answer = await fetch(`${server}/invocations`, {
    method: 'POST',
    headers: {
      'content-type': headers['content-type'] ?? '',
      ...(headers['x-amzn-sagemaker-accept'] !== undefined && { accept: String(headers['x-amzn-sagemaker-accept']) }),
      ...(headers.accept !== undefined && { accept: headers.accept }),
    },
    body: new Uint8Array(body),
  });
  const said = Buffer.from(await answer.arrayBuffer());
  if (answer.ok) {
    const type = answer.headers.get('content-type') ?? '';
    return { status: 200, headers: { 'content-type': type, 'x-amzn-invoked-production-variant': 'one' }, body: said };
  }
  return {
    status: 424,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ModelError' },
    body: Buffer.from(
      JSON.stringify({
        Message: `Received client error (${answer.status}) from primary with message "…"`,
        OriginalStatusCode: answer.status,
        OriginalMessage: said.toString(),
      }),
    ),
  };
}

async function putImage(ecr: ECR, tag: string, mediaType = 'application/vnd.docker.distribution.manifest.v2+json') {
  await ecr.createRepository({ repositoryName: 'mlflow-pyfunc' }).catch(() => {});
  const config = {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    size: 2,
    digest: `sha256:${'0'.repeat(64)}`,
  };
  const { image } = await ecr.putImage({
    repositoryName: 'mlflow-pyfunc',
    imageTag: tag,
    imageManifest: JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] }),
    imageManifestMediaType: mediaType,
  });
  return image?.imageId?.imageDigest as string;
}

async function putFolder(s3: S3, { bucket, prefix, folder }: { bucket: string; prefix: string; folder: string }) {
  await s3.createBucket({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }).catch(() => {});
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    await s3.putObject({ Bucket: bucket, Key: `${prefix}/${relative(folder, file)}`, Body: await readFile(file) });
  }
}

async function there<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch(() => undefined);
}

function accountOf({ s3, ecr, sagemaker }: Clients, endpoints: Endpoints): Account {
  return {
    hasModel: async (name) => (await there(sagemaker.describeModel({ ModelName: name }))) !== undefined,
    hasConfig: async (name) =>
      (await there(sagemaker.describeEndpointConfig({ EndpointConfigName: name }))) !== undefined,
    async modelsOf(name) {
      const config = await there(sagemaker.describeEndpointConfig({ EndpointConfigName: name }));
      return (config?.ProductionVariants ?? []).map(({ ModelName = '' }) => ModelName);
    },
    async configs() {
      return ((await sagemaker.listEndpointConfigs({})).EndpointConfigs ?? []).map(
        (each) => each.EndpointConfigName ?? '',
      );
    },
    async manifestType(repositoryName, reference) {
      const imageIds = [reference.startsWith('sha256:') ? { imageDigest: reference } : { imageTag: reference }];
      const found = await there(ecr.batchGetImage({ repositoryName, imageIds }));
      const manifest = found?.images?.[0]?.imageManifest;
      return manifest && (JSON.parse(manifest) as { mediaType: string }).mediaType;
    },
    async objectTags(Bucket, Key) {
      const found = await there(s3.getObjectTagging({ Bucket, Key }));
      return found && Object.fromEntries((found.TagSet ?? []).map((tag) => [tag.Key, tag.Value ?? '']));
    },
    uses: (config) => endpoints.uses(config),
  };
}

async function leftIn({ s3, sagemaker }: Clients, endpoints: Endpoints): Promise<Left> {
  const configs = (await sagemaker.listEndpointConfigs({})).EndpointConfigs ?? [];
  const models = (await sagemaker.listModels({})).Models ?? [];
  const buckets = ((await s3.listBuckets({})).Buckets ?? []).map(({ Name = '' }) => Name);
  const objects = await Promise.all(
    buckets.map(async (Bucket) => {
      const { Contents = [] } = await s3.listObjectsV2({ Bucket });
      const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
      return [
        ...Contents.map(({ Key }) => `${Bucket}/${Key}`),
        ...Uploads.map(({ Key }) => `unfinished ${Bucket}/${Key}`),
      ];
    }),
  );
  return {
    endpoints: endpoints.names(),
    configs: configs.map((each) => each.EndpointConfigName ?? ''),
    models: models.map((each) => each.ModelName ?? ''),
    s3: [...buckets, ...objects.flat()],
  };
}

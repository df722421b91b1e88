/** From a model to an endpoint and back, by the command line, in an account that is as strict as AWS. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  casesOf,
  type ModelServer,
  mltrack,
  modelPath,
  type RecordedCase,
  serveModel,
} from '../packager/model-server.js';
import { ACCOUNT, NOTHING, REGION, ROLE, startAws, type TestAws } from './aws.js';
import { commandsWith, lastJson } from './command.js';
import type { Json } from './endpoints.js';

const run = promisify(execFile);
const MODEL = modelPath('d_mlp_small');
const BUCKET = `mlflow-sagemaker-${REGION}-${ACCOUNT}`;
const REPOSITORY = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/mlflow-pyfunc`;

let aws: TestAws;
let server: ModelServer;
let folder: string;
let version: string;
let digest: string;

beforeAll(async () => {
  [aws, server, folder] = await Promise.all([
    startAws(),
    serveModel(MODEL, { args: ['-w', '1'] }),
    mkdtemp(join(tmpdir(), 'mltrack-test-')),
  ]);
  aws.modelServer = server.url;
  version = (await mltrack(['--version'])).stdout.trim();
}, 900_000);

afterAll(async () => {
  await Promise.all([aws.stop(), server.stop(), rm(folder, { recursive: true })]);
});

beforeEach(async () => {
  await aws.reset();
  digest = await aws.putImage(version);
  aws.calls.length = 0;
});

const { done, refused } = commandsWith(() => aws.env);
const deploy = (...args: string[]) => done('deploy', '-m', MODEL, '-e', ROLE, '--json', ...args).then(lastJson);

async function input(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const exampleInput = async () => {
  const answer = await fetch(`${server.url}/openapi.json`);
  const document = (await answer.json()) as { paths: Record<string, { post: { requestBody: { content: Json } } }> };
  const body = document.paths['/invocations']?.post.requestBody.content['application/json'] as {
    examples: Record<string, { value: unknown }>;
  };
  return input('example.json', JSON.stringify(Object.values(body.examples)[0]?.value));
};

test('a model is deployed by its image’s digest, found, asked and removed, and nothing is left', async () => {
  const deployment = await deploy('-a', 'cars', '-t', 'ml.c5.large', '-c', '2');
  expect(deployment).toMatchObject({ endpoint: 'cars', status: 'InService', region: REGION });
  expect(deployment.image).toBe(`${REPOSITORY}@${digest}`);
  expect(deployment.model).toMatch(/^cars-model-[0-9a-f]{20}$/);
  expect(deployment.config).toMatch(/^cars-config-[0-9a-f]{20}$/);
  expect(deployment.modelDataUrl).toBe(`s3://${BUCKET}/${deployment.model}/model.tar.gz`);
  expect(await aws.left()).toEqual({
    endpoints: ['cars'],
    configs: [deployment.config],
    models: [deployment.model],
    s3: [BUCKET, `${BUCKET}/${deployment.model}/model.tar.gz`],
  });
  expect(aws.bodies('CreateModel')[0]).toMatchObject({
    ExecutionRoleArn: ROLE,
    PrimaryContainer: {
      Environment: { MLFLOW_DEPLOYMENT_FLAVOR_NAME: 'python_function', SERVING_ENVIRONMENT: 'SageMaker' },
    },
    Tags: [{ Key: 'model_uri' }],
  });
  expect(aws.bodies('CreateEndpointConfig')[0]).toMatchObject({
    ProductionVariants: [{ InitialInstanceCount: 2, InstanceType: 'ml.c5.large', InitialVariantWeight: 1 }],
    Tags: [{ Key: 'app_name', Value: 'cars' }],
  });

  expect(await done('list')).toMatch(/^cars\tInService\t\d{4}-.*\n$/);
  expect(lastJson(await done('describe', '-a', 'cars', '--json'))).toMatchObject({
    status: 'InService',
    config: deployment.config,
    variants: [{ weight: 1, instances: { type: 'ml.c5.large', wanted: 2 }, model: { image: deployment.image } }],
  });
  const body = await exampleInput();
  const answer = await done('invoke', '-a', 'cars', '--input', body);
  expect(answer).toBe((await server.post(await readFile(body, 'utf8'))).text);

  const { inputs } = casesOf('d_mlp_small')[0] as RecordedCase;
  const rows = Object.values(inputs)[0] as number[][];
  const csv = [rows[0]?.map((_, at) => `c${at}`), ...rows].join('\n');
  const path = await input('rows.csv', csv);
  const types = ['--content-type', 'text/csv', '--accept', 'application/json'];
  expect(await done('invoke', '-a', 'cars', '--input', path, ...types)).toBe((await server.post(csv, 'text/csv')).text);

  await done('delete', '-a', 'cars');
  expect(await aws.left()).toEqual({ ...NOTHING, s3: [BUCKET] });
});

test('a refusal of the container is told with its own words, and an unknown endpoint by its name', async () => {
  await deploy('-a', 'cars');
  const body = await input('bad.json', '{"inputs": "text"}');
  const own = (await server.post('{"inputs": "text"}')).text;
  expect(await refused('invoke', '-a', 'cars', '--input', body)).toContain(`cars answered 400: ${own}`);
  expect(await refused('invoke', '-a', 'nobody', '--input', body)).toContain('Endpoint nobody of account');
  expect(await refused('invoke', '-a', 'cars', '--input', join(folder, 'none.json'))).toContain('none.json');
});

test('the SDK’s Predictor gives what the endpoint answers', async () => {
  await deploy('-a', 'cars');
  const body = await readFile(await exampleInput(), 'utf8');
  const script = `import { Predictor } from ${JSON.stringify(join(import.meta.dirname, '../../dist/packager.js'))};
    console.log(JSON.stringify(await new Predictor('cars').predict(${body})));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, ...aws.env },
  });
  expect(JSON.parse(stdout)).toEqual(JSON.parse((await server.post(body)).text));
});

test('create refuses an endpoint that is there, says how to change it, and leaves nothing', async () => {
  await deploy('-a', 'cars');
  const before = await aws.left();
  expect(await refused('deploy', '-a', 'cars', '-m', MODEL, '-e', ROLE)).toMatch(/--mode replace .*--mode add/);
  expect(await aws.left()).toEqual(before);
});

test('replace puts the new model in the old one’s place, and keeps the old one only with --archive', async () => {
  // Where there is none, it creates one.
  const first = await deploy('-a', 'cars', '--mode', 'replace');
  const second = await deploy('-a', 'cars', '--mode', 'replace');
  expect(await aws.left()).toMatchObject({ configs: [second.config], models: [second.model] });
  expect((await aws.left()).s3).toEqual([BUCKET, `${BUCKET}/${second.model}/model.tar.gz`]);
  expect(second.model).not.toBe(first.model);
  const third = lastJson(await done('update', '-a', 'cars', '-m', MODEL, '-e', ROLE, '--archive', '--json'));
  expect((await aws.left()).models.sort()).toEqual([second.model, third.model].sort());
  expect((await aws.left()).configs.sort()).toEqual([second.config, third.config].sort());
});

test('add keeps the models that serve and gives the new one no requests yet', async () => {
  const first = await deploy(
    '-a',
    'cars',
    '-C',
    'data_capture_config={"InitialSamplingPercentage":5,"DestinationS3Uri":"s3://b/k","CaptureOptions":[]}',
  );
  const second = await deploy('-a', 'cars', '--mode', 'add');
  expect(aws.bodies('CreateEndpointConfig')[1]).toMatchObject({
    DataCaptureConfig: { InitialSamplingPercentage: 5 },
    ProductionVariants: [
      { ModelName: first.model, InitialVariantWeight: 1 },
      { ModelName: second.model, InitialVariantWeight: 0 },
    ],
  });
  expect(await aws.left()).toMatchObject({ configs: [second.config] });
  expect((await aws.left()).models.sort()).toEqual([first.model, second.model].sort());
  await done('delete', '-a', 'cars');
  expect(await aws.left()).toEqual({ ...NOTHING, s3: [BUCKET] });
});

test('MLflow’s configuration reaches the calls it is for, and flags come before it', async () => {
  const vpc = await input('vpc.json', '{"SecurityGroupIds":["sg-1"],"Subnets":["subnet-1"]}');
  const keys = {
    serverless_config: '{"MemorySizeInMB":2048,"MaxConcurrency":3}',
    async_inference_config: '{"OutputConfig":{"S3OutputPath":"s3://out/here"}}',
    env: '{"GREETING":"hello = you","COUNT":3}',
    tags: '{"team":"vision"}',
    variant_name: 'first',
    bucket: 'models-of-mine',
    image_url: 'from-the-configuration',
    timeout_seconds: '60',
  };
  const config = Object.entries(keys).flatMap(([key, value]) => ['-C', `${key}=${value}`]);
  await deploy('-a', 'cars', ...config, '-v', vpc, '-i', `${REPOSITORY}:${version}`);
  expect(aws.bodies('CreateModel')[0]).toMatchObject({
    VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1'] },
    PrimaryContainer: { Image: `${REPOSITORY}:${version}`, Environment: { GREETING: 'hello = you', COUNT: '3' } },
    Tags: [{ Key: 'model_uri' }, { Key: 'team', Value: 'vision' }],
  });
  const created = aws.bodies('CreateEndpointConfig')[0] as { ProductionVariants: Json[] };
  expect(created).toMatchObject({
    AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://out/here' } },
    ProductionVariants: [{ VariantName: 'first', ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 3 } }],
  });
  expect(Object.keys(created.ProductionVariants[0] as Json)).not.toContain('InstanceType');
  expect((await aws.left()).s3[0]).toBe('models-of-mine');
});

test.each([
  [['-C', 'bucket_name=x'], /Unknown key 'bucket_name'.*bucket.*serverless_config/],
  [['-C', 'archive=perhaps'], /archive is 'perhaps': it must be True or False/],
  [['-C', 'serverless_config={"Memory":1}'], /serverless_config has Memory, which is none of MemorySizeInMB/],
  [['-C', 'serverless_config={"MemorySizeInMB":1024}'], /serverless_config.MaxConcurrency must be a whole number/],
  [['-C', 'vpc_config=[]'], /vpc_config must be a JSON object/],
  [['-c', '0'], /instance_count is '0': it must be a whole number above 0/],
  [['-a', 'not_a_name'], /--app-name is 'not_a_name'.*letters, digits and hyphens/],
  [['-e', 'me'], /The execution role 'me' must be the ARN of a role/],
  [['-m', '/nowhere'], /No model at \/nowhere/],
])('deploy %j is refused before anything is made', async (args, message) => {
  const given = ['-a', 'cars', '-m', MODEL, '-e', ROLE, ...args];
  expect(await refused('deploy', ...given)).toMatch(message);
  expect(await aws.left()).toEqual(NOTHING);
});

test('long names are cut in the middle and stay within SageMaker’s limit', async () => {
  const app = `${'a'.repeat(62)}b`;
  const { model = '', config = '' } = await deploy('-a', app);
  expect(model).toMatch(/^a{30}---aab-model-[0-9a-f]{20}$/);
  expect(config).toMatch(/^a{30}---ab-config-[0-9a-f]{20}$/);
  expect([model.length, config.length]).toEqual([63, 63]);
  await done('delete', '-a', app);
  expect(await aws.left()).toEqual({ ...NOTHING, s3: [BUCKET] });
});

test('--async does not wait, and removes nothing that may still be used', async () => {
  aws.endpoints.looks = 1000;
  expect(await deploy('-a', 'cars', '--async')).toMatchObject({ status: 'Creating' });
  expect(await refused('delete', '-a', 'cars', '--async')).toContain('--async needs --archive');
  expect(await refused('deploy', '-a', 'cars', '-m', MODEL, '-e', ROLE, '--mode', 'replace')).toContain('is Creating');
});

test('delete --archive keeps what the endpoint was made of, and an unknown endpoint is named', async () => {
  const { model, config } = await deploy('-a', 'cars');
  await done('delete', '-a', 'cars', '--archive');
  expect(await aws.left()).toMatchObject({ endpoints: [], models: [model], configs: [config] });
  expect(await refused('delete', '-a', 'cars')).toContain('There is no endpoint cars in eu-west-1');
  expect(await refused('update', '-a', 'cars', '-m', MODEL, '-e', ROLE)).toContain('no endpoint cars');
});

test('the role is by default the one that the caller has assumed', async () => {
  const { IAM } = await import('@aws-sdk/client-iam');
  const iam = new IAM({
    endpoint: aws.env.AWS_ENDPOINT_URL as string,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await iam.createRole({ RoleName: 'deployer', Path: '/ci/', AssumeRolePolicyDocument: '{}' });
  const arn = `arn:aws:iam::${ACCOUNT}:role/ci/deployer`;
  await done('deploy', '-a', 'cars', '-m', MODEL, '-C', `assume_role_arn=arn:aws:iam::${ACCOUNT}:role/deployer`);
  expect(aws.bodies('CreateModel')[0]).toMatchObject({ ExecutionRoleArn: arn });
  expect(await refused('deploy', '-a', 'other', '-m', MODEL)).toContain('Give --execution-role-arn');
});

test('push-model makes a model without an endpoint', async () => {
  const arn = await done('push-model', '-n', 'alone', '-m', MODEL, '-e', ROLE);
  expect(arn).toMatch(/:model\/alone\n$/);
  expect(await aws.left()).toEqual({
    endpoints: [],
    configs: [],
    models: ['alone'],
    s3: [BUCKET, `${BUCKET}/alone/model.tar.gz`],
  });
});

test('with no credentials, no region or no AWS at all, one line says what is missing', async () => {
  const list = async (env: Record<string, string>) =>
    (await mltrack(['sagemaker', 'list'], { ...aws.env, ...env })).stderr;
  expect(await list({ AWS_ACCESS_KEY_ID: '' })).toMatch(/^mltrack: No AWS credentials: .*\n$/);
  expect(await list({ AWS_REGION: '' })).toMatch(/^mltrack: No AWS region: give --region-name.*\n$/);
  expect(await list({ AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })).toMatch(/^mltrack: Cannot reach SageMaker .*\n$/);
});

test('an image of the newer manifest type is refused by SageMaker, and nothing is left', async () => {
  await aws.putImage('oci', 'application/vnd.oci.image.manifest.v1+json');
  const image = `${REPOSITORY}:oci`;
  expect(await refused('deploy', '-a', 'cars', '-m', MODEL, '-e', ROLE, '-i', image)).toContain('Unsupported manifest');
  expect(await aws.left()).toEqual(NOTHING);
});

test('model.tar.gz has the model’s files at its root, and the same bytes from any folder at any time', async () => {
  const copy = await mkdtemp(join(folder, 'copy-'));
  await run('cp', ['-r', `${MODEL}/.`, copy]);
  await run('chmod', ['-R', '700', copy]);
  await run('sh', ['-c', 'mkdir -p deep/er && echo weights > deep/er/w.bin && ln -s deep/er/w.bin link.bin'], {
    cwd: copy,
  });
  const again = await mkdtemp(join(folder, 'again-'));
  await run('cp', ['-rL', `${copy}/.`, again]);
  const hashes: string[] = [];
  for (const [name, path] of [
    ['one', copy],
    ['two', again],
  ] as const) {
    await done('push-model', '-n', name, '-m', path, '-e', ROLE);
    const bytes = await aws.object(BUCKET, `${name}/model.tar.gz`);
    hashes.push(createHash('sha256').update(bytes).digest('hex'));
    await writeFile(join(folder, 'model.tar.gz'), bytes);
  }
  expect(hashes[0]).toBe(hashes[1]);
  const { stdout } = await run('tar', ['-tvzf', 'model.tar.gz', '--numeric-owner', '--full-time'], { cwd: folder });
  const lines = stdout.trim().split('\n');
  expect(lines.every((line) => /^-rw-r--r-- 0\/0 +\d+ 2000-01-01 /.test(line))).toBe(true);
  const names = lines.map((line) => line.split(' ').at(-1) as string);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(['MLmodel', 'deep/er/w.bin', 'link.bin', 'model.onnx']));
  const out = await mkdtemp(join(folder, 'out-'));
  await run('tar', ['-xzf', join(folder, 'model.tar.gz')], { cwd: out });
  await run('diff', ['-r', again, out]);
});

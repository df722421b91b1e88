/** `--dry-run`: what a command would ask of AWS, without credentials and with them, and that nothing comes of it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyCache } from '../harness/image.js';
import { mltrack, modelPath } from '../packager/model-server.js';
import { ACCOUNT, NOTHING, REGION, ROLE, startAws, type TestAws } from './aws.js';
import { commandsWith } from './command.js';

interface Call {
  service: string;
  operation: string;
  input: Record<string, unknown>;
}

const MODEL = modelPath('d_mlp_small');
const BUCKET = `mlflow-sagemaker-${REGION}-${ACCOUNT}`;

let aws: TestAws;
let folder: string;
let input: string;
let cache: string;
beforeAll(async () => {
  [aws, folder] = await Promise.all([startAws(), mkdtemp(join(tmpdir(), 'mltrack-test-'))]);
  input = join(folder, 'rows.json');
  await writeFile(input, '{"inputs": [[1]]}');
  cache = await emptyCache(folder);
}, 900_000);
afterAll(async () => {
  await Promise.all([aws.stop(), rm(folder, { recursive: true })]);
});
beforeEach(() => aws.reset());

/** No credentials, and nobody to ask. */
const alone = commandsWith(() => ({
  ...aws.env,
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  MLTRACK_CACHE: cache,
}));
const there = commandsWith(() => ({ ...aws.env, MLTRACK_CACHE: cache }));

const planned = async (commands: typeof alone, ...args: string[]): Promise<Call[]> =>
  JSON.parse(await commands.done(...args, '--dry-run', '--json'));
const names = (calls: Call[]) => calls.map(({ service, operation }) => `${service}.${operation}`);

describe('without credentials', () => {
  test('deploy is told to its end, with placeholders for what answers would say', async () => {
    const calls = await planned(alone, 'deploy', '-a', 'app', '-m', MODEL);
    expect(names(calls)).toEqual([
      'SageMaker.DescribeEndpoint',
      'STS.GetCallerIdentity',
      'IAM.GetRole',
      'ECR.DescribeImages',
      'S3.HeadBucket',
      'S3.CreateBucket',
      'S3.PutObject',
      'SageMaker.CreateModel',
      'SageMaker.CreateEndpointConfig',
      'SageMaker.CreateEndpoint',
      'SageMaker.DescribeEndpoint',
    ]);
    const model = calls.find(({ operation }) => operation === 'CreateModel')?.input;
    expect(model).toMatchObject({
      ExecutionRoleArn: '<role-arn>',
      PrimaryContainer: { Image: `<account>.dkr.ecr.${REGION}.amazonaws.com/mlflow-pyfunc@<digest>` },
    });
    expect(calls.find(({ operation }) => operation === 'PutObject')?.input.Body).toMatch(/^<\d+ bytes>$/);
  });

  test('update, delete, push-model, invoke, list and describe are told', async () => {
    const update = names(await planned(alone, 'update', '-a', 'app', '-m', MODEL, '-e', ROLE));
    expect(update).toContain('SageMaker.UpdateEndpoint');
    expect(update.slice(-3)).toEqual(['SageMaker.DeleteModel', 'S3.HeadObject', 'S3.DeleteObject']);
    expect(names(await planned(alone, 'delete', '-a', 'app'))).toEqual([
      'SageMaker.DescribeEndpoint',
      'SageMaker.DescribeEndpointConfig',
      'SageMaker.DescribeModel',
      'SageMaker.ListTags',
      'SageMaker.DeleteEndpoint',
      'SageMaker.DescribeEndpoint',
      'SageMaker.DeleteEndpointConfig',
      'SageMaker.DeleteModel',
      'S3.HeadObject',
      'S3.DeleteObject',
    ]);
    const assumed = ['-C', `assume_role_arn=${ROLE}`];
    expect(names(await planned(alone, 'push-model', '-n', 'one', '-m', MODEL, ...assumed)).slice(0, 2)).toEqual([
      'STS.AssumeRole',
      'STS.GetCallerIdentity',
    ]);
    expect(names(await planned(alone, 'list'))).toEqual(['SageMaker.ListEndpoints']);
    expect(names(await planned(alone, 'describe', '-a', 'app'))[0]).toBe('SageMaker.DescribeEndpoint');
    expect(await alone.done('invoke', '-a', 'app', '--input', input, '--dry-run')).toBe(
      'SageMaker.InvokeEndpoint {"EndpointName":"app","ContentType":"application/json","Body":"<17 bytes>"}\n',
    );
  });

  test('build-and-push makes the image and tells what ECR and the registry would be asked', async () => {
    const calls = await planned(alone, 'build-and-push', '--tag', 'v1');
    expect(names(calls)).toEqual([
      'ECR.DescribeRepositories',
      'ECR.CreateRepository',
      'ECR.GetAuthorizationToken',
      'Registry.Push',
    ]);
    expect(calls.at(-1)?.input).toMatchObject({
      image: `<account>.dkr.ecr.${REGION}.amazonaws.com/mlflow-pyfunc:v1`,
      digest: expect.stringMatching(/^sha256:/),
    });
  });

  test('without a region it says so', async () => {
    const nowhere = commandsWith(() => ({ ...aws.env, AWS_REGION: '' }));
    expect(await nowhere.refused('list', '--dry-run')).toContain('No AWS region');
  });
});

const CHANGE = /^(Create|Update|Delete|Put)/;

describe('with credentials', () => {
  test('the calls that change something are those that are made, and a dry run makes none of them', async () => {
    await aws.putImage((await mltrack(['--version'])).stdout.trim());
    for (const args of [
      ['deploy', '-a', 'app', '-m', MODEL, '-e', ROLE],
      ['update', '-a', 'app', '-m', MODEL, '-e', ROLE, '--mode', 'add'],
      ['update', '-a', 'app', '-m', MODEL, '-e', ROLE],
      ['delete', '-a', 'app'],
    ]) {
      const before = await aws.left();
      aws.calls.length = 0;
      const plan = await planned(there, ...args);
      expect(aws.calls.filter((call) => CHANGE.test(call))).toEqual([]);
      expect(await aws.left()).toEqual(before);
      aws.calls.length = 0;
      await there.done(...args);
      const made = aws.calls.filter((call) => CHANGE.test(call));
      expect(plan.map(({ operation }) => operation).filter((call) => CHANGE.test(call))).toEqual(made);
    }
    expect(await aws.left()).toEqual({ ...NOTHING, s3: [BUCKET] });
  });

  test('what would be refused by looking is refused', async () => {
    expect(await there.refused('update', '-a', 'app', '-m', MODEL, '-e', ROLE, '--dry-run')).toContain(
      'There is no endpoint app',
    );
  });
});

/** What goes wrong on the way to an endpoint leaves nothing behind: refused calls, lost answers, failing containers, Ctrl-C. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mltrack, modelPath } from '../packager/model-server.js';
import { denied, NOTHING, ROLE, startAws, type TestAws, throttled } from './aws.js';
import { commandsWith, lastJson } from './command.js';
import { Refusal } from './endpoints.js';

const MODEL = modelPath('d_mlp_small');
const lost = new Refusal('InternalFailure', 'the answer is lost', 500);

let aws: TestAws;
let version: string;
beforeAll(async () => {
  aws = await startAws();
  version = (await mltrack(['--version'])).stdout.trim();
}, 900_000);
afterAll(() => aws.stop());
beforeEach(async () => {
  await aws.reset();
  await aws.putImage(version);
  aws.calls.length = 0;
});

const { done, refused, started } = commandsWith(() => aws.env);
const DEPLOY = ['deploy', '-a', 'cars', '-m', MODEL, '-e', ROLE];
const deploy = async (...args: string[]) => lastJson(await done(...DEPLOY, '--json', ...args));

describe('a refused call', () => {
  test.each([
    ['HeadBucket', new Refusal('Forbidden', '', 403), /bucket mlflow-sagemaker-\S+ is not yours to use/],
    ['CreateBucket', new Refusal('TooManyBuckets', 'too many buckets', 400), /S3 refused CreateBucket .*too many/],
    ['PutObject', new Refusal('AccessDenied', 'no writing here', 403), /S3 refused PutObject .*no writing here/],
    ['CreateModel', denied('sagemaker:CreateModel'), /SageMaker refused CreateModel \(AccessDenied.*not authorized/],
    ['CreateEndpointConfig', denied('sagemaker:CreateEndpointConfig'), /refused CreateEndpointConfig/],
    [
      'CreateEndpoint',
      new Refusal('ResourceLimitExceeded', 'The limit is 0 instances', 400),
      /The limit is 0 instances/,
    ],
  ])('%s ends the deployment, and nothing is left', async (call, refusal, message) => {
    aws.refuse(call, refusal);
    expect(await refused(...DEPLOY)).toMatch(message);
    expect(await aws.left()).toEqual(NOTHING);
  });

  test.each(['CreateBucket', 'PutObject', 'CreateModel', 'CreateEndpointConfig', 'CreateEndpoint'])(
    '%s that was done although its answer was lost leaves nothing either',
    async (call) => {
      aws.refuse(call, lost, 20, true);
      await refused(...DEPLOY);
      expect(await aws.left()).toEqual(NOTHING);
    },
  );

  test('is asked again when there were too many, or while an endpoint is waited for', async () => {
    aws.refuse('CreateModel', throttled, 2);
    aws.refuse('PutObject', new Refusal('SlowDown', 'Please reduce your request rate.', 503), 1);
    aws.refuse('CreateEndpointConfig', throttled, 1);
    expect(await deploy()).toMatchObject({ status: 'InService' });
  });

  test('to look in ECR goes on with the tag, and says so', async () => {
    aws.refuse('DescribeImages', denied('ecr:DescribeImages'));
    expect((await deploy()).image).toMatch(new RegExp(`/mlflow-pyfunc:${version}$`));
  });

  test('to read tags stops no deletion', async () => {
    await deploy();
    aws.refuse('ListTags', denied('sagemaker:ListTags'));
    await done('delete', '-a', 'cars');
    expect(await aws.left()).toMatchObject({ endpoints: [], configs: [], models: [] });
  });

  test('during an update leaves the endpoint with what it had', async () => {
    const { model, config } = await deploy();
    const before = await aws.left();
    aws.refuse('UpdateEndpoint', denied('sagemaker:UpdateEndpoint'));
    expect(await refused(...DEPLOY, '--mode', 'replace')).toContain('refused UpdateEndpoint');
    expect(await aws.left()).toEqual(before);
    expect(before).toMatchObject({ models: [model], configs: [config] });
  });

  test('to remove is told, with the names of what is left', async () => {
    aws.refuse('CreateEndpointConfig', denied('sagemaker:CreateEndpointConfig'));
    aws.refuse('DeleteModel', denied('sagemaker:DeleteModel'));
    const told = await refused(...DEPLOY);
    const { models, s3 } = await aws.left();
    expect(told).toContain(`could not remove model ${models[0]}: SageMaker refused DeleteModel`);
    expect(told).toContain(`left: bucket ${s3[0]}, s3://${s3[1]}`);
  });
});

describe('an endpoint that does not come up', () => {
  test('is removed, and SageMaker’s reason and the container’s last lines are told', async () => {
    aws.endpoints.outcome = 'Failed';
    aws.containerLog = ['loading /opt/ml/model', 'mltrack: No file model.onnx'];
    const told = await refused(...DEPLOY);
    expect(told).toContain('did not pass the ping health check');
    expect(told).toContain('  mltrack: No file model.onnx');
    expect(told).toMatch(
      /removed endpoint cars[\s\S]*removed endpoint configuration[\s\S]*removed model[\s\S]*removed s3:/,
    );
    expect(await aws.left()).toEqual(NOTHING);
  });

  test('in time is removed once SageMaker lets go of it', async () => {
    aws.endpoints.looks = 6;
    const told = await refused(...DEPLOY, '--timeout', '1');
    expect(told).toContain('cars is still Creating after 1 s');
    expect(told).toContain('can be removed when that is over');
    expect(await aws.left()).toEqual(NOTHING);
  });

  test('after an update that SageMaker took back serves what it did before', async () => {
    await deploy();
    const before = await aws.left();
    aws.endpoints.outcome = 'rolled back';
    expect(await refused(...DEPLOY, '--mode', 'replace')).toMatch(
      /took the update of cars back and serves cars-config-\w+/,
    );
    expect(await aws.left()).toEqual(before);
  });
});

describe('Ctrl-C', () => {
  test.each(['PutObject', 'CreateModel', 'CreateEndpoint'])('at %s removes what was created', async (call) => {
    aws.endpoints.looks = 4;
    const made = aws.made(call);
    const command = started(...DEPLOY);
    await made;
    command.signal('SIGINT');
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('removed s3://');
    expect(await aws.left()).toEqual(NOTHING);
  });

  test('during an update gives the endpoint its configuration back', async () => {
    await deploy();
    const before = await aws.left();
    aws.endpoints.looks = 4;
    const made = aws.made('UpdateEndpoint');
    const command = started(...DEPLOY, '--mode', 'replace');
    await made;
    command.signal('SIGTERM');
    const { code, stderr } = await command.ended;
    expect(code, stderr).toBe(130);
    expect(stderr).toContain('removed the change of endpoint cars');
    expect(await aws.left()).toEqual(before);
  });

  test('twice ends at once', async () => {
    aws.endpoints.looks = 100_000;
    const command = started(...DEPLOY);
    await command.said('endpoint cars: Creating');
    command.signal('SIGINT');
    await command.said('can be removed when that is over');
    command.signal('SIGINT');
    expect((await command.ended).code).toBe(130);
  });

  test('during a deletion names what is left', async () => {
    const { config, model } = await deploy();
    aws.endpoints.looks = 100_000;
    const command = started('delete', '-a', 'cars');
    await command.said('endpoint cars: Deleting');
    command.signal('SIGINT');
    const { code, stderr } = await command.ended;
    expect(code).toBe(130);
    expect(stderr).toContain(`is not all removed: configuration ${config}, models ${model}`);
  });
});

test('a deletion that takes too long is refused by its time', async () => {
  await deploy();
  aws.endpoints.looks = 100_000;
  expect(await refused('delete', '-a', 'cars', '--timeout', '1')).toContain('cars is still Deleting after 1 s');
});

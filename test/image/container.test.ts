/** The image is run by runc, without a network, a capability or a file it may write: it serves what `models serve` serves. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Container,
  type ContainerSetup,
  digestOf,
  emptyCache,
  runContainer,
  scratch,
  unpack,
} from '../harness/image.js';
import { casesOf, expectClose, modelPath } from '../packager/model-server.js';

let folder: Awaited<ReturnType<typeof scratch>>;
let cache: string;
let bundle: string;
beforeAll(async () => {
  folder = await scratch();
  const output = join(folder.path, 'image.tar');
  cache = await emptyCache(folder.path);
  await digestOf({ cache, args: ['--output', output] });
  bundle = await unpack(output, folder.path);
}, 300_000);
afterAll(() => folder.remove());

/** What a failed test leaves is ended, so that the folder can be removed. */
const running: Container[] = [];
afterEach(() => Promise.all(running.splice(0).map((each) => each.end())));

const start = async (setup: ContainerSetup, from = bundle) => {
  const container = await runContainer(from, setup);
  running.push(container);
  return container;
};

/** SIGTERM, and what the container ends with. */
async function stop(container: Container): Promise<number | null> {
  await container.kill('TERM');
  return container.exited;
}

describe('serve', () => {
  test.each([
    ['d_mlp_small', 0, {}, 8080],
    ['d_strings', 12345, { SAGEMAKER_BIND_TO_PORT: '9191' }, 9191],
  ])('%s as user %i with %j: the recorded predictions, and SIGTERM ends it in order', async (name, user, env, port) => {
    const container = await start({ model: modelPath(name), user, env });
    await container.answers(port, '/ping');
    for (const { inputs, outputs } of casesOf(name)) {
      const { status, text } = await container.request(port, '/invocations', { inputs });
      expect(status).toBe(200);
      expectClose(JSON.parse(text), { predictions: outputs });
    }
    expect(await stop(container)).toBe(0);
  });

  test('is what the container does without an argument', async () => {
    const container = await start({ model: modelPath('d_mlp_small'), args: [] });
    await container.answers(8080, '/ping');
    expect(await stop(container)).toBe(0);
  });

  test('several models are loaded one by one for a multi-model endpoint', async () => {
    const container = await start({
      model: modelPath('d_mlp_small'),
      args: ['serve'],
      env: { SAGEMAKER_MULTI_MODEL: 'true' },
    });
    await container.answers(8080, '/ping');
    const loaded = await container.request(8080, '/models', { model_name: 'mlp', url: '/opt/ml/model' });
    expect(loaded.status).toBe(200);
    const [{ inputs }] = casesOf('d_mlp_small') as [ReturnType<typeof casesOf>[number]];
    expect((await container.request(8080, '/models/mlp/invoke', { inputs })).status).toBe(200);
    expect(await stop(container)).toBe(0);
  });

  test('a native crash ends the container with a code that is not 0', async () => {
    // The first process of a container is safe from most signals, so the crash is made from within.
    const env = { NODE_OPTIONS: `--import=data:text/javascript,process.on('SIGUSR2',()=>process.abort())` };
    const container = await start({ model: modelPath('d_mlp_small'), env });
    await container.answers(8080, '/ping');
    await container.kill('USR2');
    expect(await container.exited).not.toBe(0);
  });

  test('without a model it says so and ends', async () => {
    const container = await start({});
    expect(await container.exited).toBe(1);
    expect(container.log()).toContain('No model in /opt/ml/model');
  });
});

test.each([
  ['train', 'train is not in this image yet: it understands serve'],
  ['process', 'process is not in this image yet: it understands serve'],
  ['sell', "'sell' is unknown: it understands serve"],
])('%s ends with 2 and says what is understood', async (task, message) => {
  const container = await start({ args: [task] });
  expect(await container.exited).toBe(2);
  expect(container.log()).toContain(message);
});

test('a model that was put inside is served without a mount', async () => {
  const output = join(folder.path, 'with-model.tar');
  const args = ['--with-model', modelPath('d_iris_zipmap'), '--output', output];
  await digestOf({ cache, args });
  const container = await start({}, await unpack(output, folder.path));
  await container.answers(8080, '/ping');
  const [{ inputs, outputs }] = casesOf('d_iris_zipmap') as [ReturnType<typeof casesOf>[number]];
  const { text } = await container.request(8080, '/invocations', { inputs });
  expectClose(JSON.parse(text), { predictions: outputs });
  expect(await stop(container)).toBe(0);
}, 120_000);

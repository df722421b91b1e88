/** The curl line that `models serve` prints, and the body of `GET /example`: both work as they are. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { MODEL_NAMES, type ModelServer, modelFolder, modelPath, serveModel } from '../model-server.js';
import { intAttribute, writeModel } from '../onnx-writer.js';

const run = promisify(execFile);

async function curlLine(server: ModelServer): Promise<string> {
  const found = () => /^curl .*$/m.exec(server.log())?.[0];
  await expect.poll(found, { timeout: 20_000 }).toBeDefined();
  return found() as string;
}

/** What the printed line gives when a shell runs it. */
async function pasted(server: ModelServer): Promise<{ line: string; reply: unknown }> {
  const line = await curlLine(server);
  const { stdout } = await run('sh', ['-c', line]);
  return { line, reply: JSON.parse(stdout) };
}

/** Adds its only input to itself. */
const plusItself = (name: string, shape: (number | string)[], type: 'float' | 'int64' = 'float') =>
  writeModel({
    nodes: [{ operator: 'Add', inputs: [name, name], outputs: ['y'] }],
    inputs: [{ name, type, shape }],
    outputs: [{ name: 'y', type, shape }],
  });

test.each(MODEL_NAMES)('%s: the line is answered with predictions, and so is the example', async (name) => {
  const server = await serveModel(modelPath(name), { args: ['-w', '1'] });
  const { line, reply } = await pasted(server);
  expect(line.length).toBeLessThanOrEqual(300);
  expect(reply).toEqual({ predictions: expect.anything() });
  const example = await fetch(`${server.url}/example`);
  expect([example.status, example.headers.get('content-type')]).toEqual([200, 'application/json']);
  expect(await server.predict(await example.text())).toEqual(reply);
  await server.stop();
});

test('a body too long for a line comes from /example', async () => {
  const wide = await modelFolder({ 'model.onnx': plusItself('pixels', ['n', 784]) });
  const server = await serveModel(wide.path, { args: ['-w', '1'] });
  const { line, reply } = await pasted(server);
  expect(line).toBe(
    `curl -s ${server.url}/example | curl ${server.url}/invocations -H 'content-type: application/json' --data-binary @-`,
  );
  expect(reply).toEqual({ predictions: { y: [new Array(784).fill(0)] } });
  await server.stop();
  await wide.remove();
});

test('names with quotes and spaces survive the shell', async () => {
  const name = `it's "x" $HOME \`y\` \\ !`;
  const odd = await modelFolder({ 'model.onnx': plusItself(name, ['n', 2]) });
  const server = await serveModel(odd.path, { args: ['-w', '1'] });
  const { line, reply } = await pasted(server);
  expect(line).toContain('--data-raw');
  expect(reply).toEqual({ predictions: { y: [[0, 0]] } });
  await server.stop();
  await odd.remove();
});

const MLMODEL = `flavors: {onnx: {data: model.onnx}}
saved_input_example_info: {artifact_path: input_example.json, serving_input_path: serving_input_example.json}`;

test.each([
  ['the input example, digit by digit', '{"inputs": {"x": [[9007199254740993, 2]]}}', '{"y":[[18014398509481986,4]]}'],
  ['zeros where the input example is refused', '{"inputs": {"z": [[1, 2]]}}', '{"y":[[0,0]]}'],
  ['zeros where the input example is no JSON', '[', '{"y":[[0,0]]}'],
])('the example is %s', async (_, example, predictions) => {
  const folder = await modelFolder({
    MLmodel: MLMODEL,
    'model.onnx': plusItself('x', ['n', 2], 'int64'),
    'serving_input_example.json': example,
  });
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  const body = await (await fetch(`${server.url}/example`)).text();
  const { text } = await server.post(body);
  expect(text).toBe(`{"predictions":${predictions}}`);
  await server.stop();
  await folder.remove();
});

test('free axes get the length that the graph takes', async () => {
  const folder = await modelFolder({
    'model.onnx': writeModel({
      nodes: [{ operator: 'DepthToSpace', inputs: ['x'], outputs: ['y'], attributes: [intAttribute('blocksize', 2)] }],
      inputs: [{ name: 'x', type: 'float', shape: ['n', 'channels', 1, 1] }],
      outputs: [{ name: 'y', type: 'float', shape: ['n', 'c', 'h', 'w'] }],
    }),
  });
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  expect(await (await fetch(`${server.url}/example`)).json()).toEqual({
    inputs: { x: [[[[0]], [[0]], [[0]], [[0]]]] },
  });
  await server.stop();
  await folder.remove();
});

test('where the graph refuses every body, there are zeros still', async () => {
  const folder = await modelFolder({
    'model.onnx': writeModel({
      nodes: [{ operator: 'Reshape', inputs: ['x', 'dims'], outputs: ['y'] }],
      inputs: [
        { name: 'x', type: 'float', shape: [5] },
        { name: 'dims', type: 'int64', shape: [1] },
      ],
      outputs: [{ name: 'y', type: 'float', shape: ['n'] }],
    }),
  });
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  expect(await (await fetch(`${server.url}/example`)).json()).toEqual({
    inputs: { x: [0, 0, 0, 0, 0], dims: [0] },
  });
  await server.stop();
  await folder.remove();
});

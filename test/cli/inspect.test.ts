/** `mltrack models inspect`: what it says of real models is what Python's onnx says, and odd ones are told as they are. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { EXAMPLE_REQUIREMENTS, INSTALL_TIME, pythonWith } from '../harness/python.js';
import { MODEL_NAMES, mltrack, modelFolder, modelPath } from '../packager/model-server.js';
import { externalTensor, floatTensor, graphAttribute, writeModel } from '../packager/onnx-writer.js';

const run = promisify(execFile);

interface Json {
  files: { name: string; bytes: number | null }[];
  operators: { name: string; count: number }[];
  providers: { name: string; runs: boolean | null; reason?: string }[];
  batching: { on: boolean; reason: string } | null;
  [key: string]: unknown;
}

async function inspected(uri: string): Promise<Json> {
  const { code, stdout, stderr } = await mltrack(['models', 'inspect', uri, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

test('a table for people', async () => {
  const { code, stdout } = await mltrack(['models', 'inspect', modelPath('d_iris_zipmap')]);
  expect(code).toBe(0);
  const [text = '', providers = ''] = stdout.split('\n\nExecution providers\n');
  expect(text.replace(/URI .*/, 'URI …')).toBe(`Model
  URI …
  Flavours    onnx, python_function
  ONNX        IR version 8, opset ai.onnx 17, ai.onnx.ml 1
  Producer    skl2onnx 1.20.0
  Parameters  0 in initializers (0 B)
  Requests    run one by one: output 'output_probability' differs between random rows run together and alone

Files
  model.onnx  670 B

Inputs
  X  float32  (-1, 4)

Outputs
  output_label        int64                     (-1,)
  output_probability  seq(map(int64, float32))  0, 1, 2

Signature inputs
  X  float32  (-1, 4)

Operators
  Cast                         1
  ai.onnx.ml.LinearClassifier  1
  ai.onnx.ml.Normalizer        1
  ai.onnx.ml.ZipMap            1`);
  expect(providers).toMatch(/^ {2}cpu +runs the model$/m);
});

/** The same of several models, by Python's onnx. */
const PYTHON = `
import collections, json, sys, onnx, numpy
def told(path):
    model = onnx.load(path)
    name = lambda node: node.op_type if node.domain in ('', 'ai.onnx') else node.domain + '.' + node.op_type
    sizes = [onnx.numpy_helper.to_array(each) for each in model.graph.initializer]
    return {
        'irVersion': model.ir_version,
        'producer': model.producer_name + (' ' + model.producer_version if model.producer_version else ''),
        'opsets': [{'domain': each.domain or 'ai.onnx', 'version': each.version} for each in model.opset_import],
        'operators': dict(collections.Counter(map(name, model.graph.node))),
        'count': sum(each.size for each in sizes),
        'bytes': sum(each.nbytes for each in sizes if each.dtype != object),
        'inputs': [[each.name, [dim.dim_param or dim.dim_value or -1 for dim in each.type.tensor_type.shape.dim]]
                   for each in model.graph.input],
        'outputs': [each.name for each in model.graph.output],
    }
print(json.dumps([told(path) for path in sys.argv[1:]]))
`;

test(
  'the ten models are told as Python tells them',
  async () => {
    const python = await pythonWith(EXAMPLE_REQUIREMENTS);
    const files = MODEL_NAMES.map((name) => join(modelPath(name), 'model.onnx'));
    const { stdout } = await run(python, ['-c', PYTHON, ...files]);
    const theirs = JSON.parse(stdout);
    for (const [index, name] of MODEL_NAMES.entries()) {
      const { operators, irVersion, producer, opsets, parameters, inputs, outputs } = await inspected(modelPath(name));
      const ours = {
        irVersion,
        producer,
        opsets,
        operators: Object.fromEntries(operators.map((each) => [each.name, each.count])),
        ...(parameters as object),
        inputs: (inputs as { name: string; shape: unknown }[]).map((each) => [each.name, each.shape]),
        outputs: (outputs as { name: string }[]).map((each) => each.name),
      };
      expect([name, ours]).toEqual([name, theirs[index]]);
    }
  },
  INSTALL_TIME,
);

test('the signature, the batching verdict and the providers are in the JSON', async () => {
  const { signature, batching, providers, flavors, model } = await inspected(modelPath('d_mlp_small'));
  expect({ batching, flavors, model }).toEqual({
    batching: { on: true, reason: expect.stringContaining('random rows') },
    flavors: ['onnx', 'python_function'],
    model: modelPath('d_mlp_small'),
  });
  expect(signature).toEqual({
    inputs: [{ kind: 'tensor', name: 'x', type: 'float32', shape: [-1, 30], required: true }],
    outputs: [{ kind: 'tensor', name: 'y', type: 'float32', shape: [-1, 1], required: true }],
    params: [],
  });
  expect(providers[0]).toEqual({ name: 'cpu', runs: true });
});

test('weights in other files, and one that is missing', async () => {
  const weights = new Uint8Array(new Float32Array(6).buffer);
  const made = (location: string) =>
    modelFolder({
      'graph.onnx': writeModel({
        nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
        inputs: [{ name: 'x', type: 'float', shape: ['rows', 2] }],
        outputs: [{ name: 'y', type: 'float', shape: ['rows', 3] }],
        initializers: [externalTensor('w', [2, 3], location)],
      }),
      'weights.bin': weights,
      'readme.txt': 'not the model',
    });
  const whole = await made('weights.bin');
  const good = await inspected(join(whole.path, 'graph.onnx'));
  expect(good).toMatchObject({
    flavors: [],
    signature: null,
    parameters: { count: 6, bytes: 24 },
    files: [
      { name: 'graph.onnx', bytes: (await readFile(join(whole.path, 'graph.onnx'))).length },
      { name: 'weights.bin', bytes: 24 },
    ],
    inputs: [{ name: 'x', type: 'float32', shape: ['rows', 2] }],
  });
  expect(good.providers[0]).toEqual({ name: 'cpu', runs: true });
  const torn = await made('lost.bin');
  const bad = await inspected(join(torn.path, 'graph.onnx'));
  expect(bad.files[1]).toEqual({ name: 'lost.bin', bytes: null });
  expect(bad.batching).toBeNull();
  expect(bad.providers[0]).toEqual({ name: 'cpu', runs: false, reason: expect.stringContaining('lost.bin') });
  const { stdout } = await mltrack(['models', 'inspect', join(torn.path, 'graph.onnx')]);
  expect(stdout).toMatch(/^ {2}lost\.bin +missing$/m);
  expect(stdout).toMatch(/^ {2}cpu +does not run the model: .*lost\.bin/m);
  await Promise.all([whole.remove(), torn.remove()]);
});

test('operators and weights of subgraphs count', async () => {
  const branch = (name: string) =>
    graphAttribute(name, {
      nodes: [{ operator: 'Identity', inputs: [`${name}_w`], outputs: [`${name}_y`] }],
      inputs: [],
      outputs: [{ name: `${name}_y`, type: 'float', shape: [2] }],
      initializers: [floatTensor(`${name}_w`, [2], [1, 2])],
    });
  const folder = await modelFolder({
    'model.onnx': writeModel({
      nodes: [
        {
          operator: 'If',
          inputs: ['c'],
          outputs: ['y'],
          attributes: [branch('then_branch'), branch('else_branch')],
        },
      ],
      inputs: [{ name: 'c', type: 'bool', shape: [1] }],
      outputs: [{ name: 'y', type: 'float', shape: [2] }],
    }),
  });
  expect(await inspected(folder.path)).toMatchObject({
    operators: [
      { name: 'Identity', count: 2 },
      { name: 'If', count: 1 },
    ],
    parameters: { count: 4, bytes: 16 },
    providers: expect.arrayContaining([{ name: 'cpu', runs: true }]),
  });
  await folder.remove();
});

test('control characters in names do not reach the terminal', async () => {
  const name = 'x\x1b[31m\n';
  const folder = await modelFolder({
    'model.onnx': writeModel({
      nodes: [{ operator: 'Abs', inputs: [name], outputs: ['y'] }],
      inputs: [{ name, type: 'float', shape: ['n\x07', 2] }],
      outputs: [{ name: 'y', type: 'float', shape: ['n\x07', 2] }],
    }),
  });
  const { stdout } = await mltrack(['models', 'inspect', '-m', folder.path]);
  expect(stdout).toContain('  x\\x1b[31m\\x0a  float32  (n\\x07, 2)\n');
  expect([...stdout].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
  await folder.remove();
});

test.each([
  ['no model', [], 'Say which model'],
  ['a folder that is not there', ['/no/such/folder'], 'No model at /no/such/folder'],
  ['a file that is no model', [join(modelPath('d_strings'), 'MLmodel')], 'cannot be read'],
  ['an URI that is not understood', ['gs://bucket/model'], 'it must be a folder'],
])('%s: one line', async (_, args, message) => {
  const { code, stdout, stderr } = await mltrack(['models', 'inspect', ...args]);
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, stdout: '', lines: 1 });
  expect(stderr).toContain(message);
});

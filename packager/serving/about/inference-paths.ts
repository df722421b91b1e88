/**
 * The Open Inference Protocol's routes in the OpenAPI document, with the tensors of the model. `open-inference/request.ts`
 * names the sources.
 */
import type { TensorInfo } from '../../../client/onnx/graph.js';
import { DATATYPES } from '../open-inference/datatype.js';
import { type OutputTensorInfo, shapeText } from '../tensor.js';
import type { Described } from './openapi.js';
import { examplesIn, json, RETRY_AFTER, read, TEXT } from './operations.js';
import type { Schema } from './schemas.js';

const ERROR: Schema = { type: 'object', required: ['error'], properties: { error: TEXT } };
const error = (description: string) => ({ description, ...json(ERROR) });

const object = (...required: readonly string[]): Schema => ({ type: 'object', required });

export function inferencePaths(described: Described) {
  // Braces in a path would make it a template.
  const model = `/v2/models/${encodeURIComponent(described.name)}`;
  return {
    '/v2': { get: read('serverMetadata', 'What the server is', json(object('name', 'version', 'extensions'))) },
    '/v2/health/live': { get: read('serverLive', 'Whether the server answers', json(object('live'))) },
    '/v2/health/ready': { get: readiness('serverReady', 'Whether predictions are answered', object('ready')) },
    [model]: { get: readiness('modelMetadata', 'What the model takes and gives', object('name', 'inputs', 'outputs')) },
    [`${model}/ready`]: { get: readiness('modelReady', 'Whether the model answers', object('name', 'ready')) },
    [`${model}/infer`]: { post: infer(described) },
  };
}

function readiness(operationId: string, summary: string, schema: Schema) {
  const { responses, ...rest } = read(operationId, summary, json(schema));
  return { ...rest, responses: { ...responses, 503: { description: 'Not yet.', ...json({ type: 'object' }) } } };
}

function infer({ engine, examples }: Described) {
  const { request, reply } = bodies(engine.interface);
  const shown = examples.answered.filter(({ endpoint }) => endpoint === 'infer');
  return {
    operationId: 'infer',
    summary: 'Predictions, by the Open Inference Protocol',
    description:
      'Tensors are JSON (data, flat or nested), or bytes after the JSON (the binary tensor data extension), whose length Inference-Header-Content-Length then says.',
    parameters: [{ name: 'Inference-Header-Content-Length', in: 'header', schema: { type: 'integer', minimum: 0 } }],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: request, ...examplesIn(shown, examples.first) } },
    },
    responses: {
      200: { description: 'The outputs', ...json(reply) },
      400: error('The body cannot be read, or does not fit the model.'),
      413: error('The body is too large.'),
      503: { ...error('No model is loaded yet, or the queue is full.'), headers: RETRY_AFTER },
      504: error('The model took too long.'),
    },
  };
}

function bodies({ inputs, outputs }: Described['engine']['interface']): { request: Schema; reply: Schema } {
  const wanted = { ...object('name'), properties: { name: { enum: outputs.map(({ name }) => name) } } };
  return {
    request: {
      ...object('inputs'),
      properties: { id: TEXT, inputs: tensors(inputs), outputs: { type: 'array', items: wanted } },
    },
    reply: {
      ...object('model_name', 'outputs'),
      properties: { model_name: TEXT, model_version: TEXT, id: TEXT, outputs: tensors(outputs) },
    },
  };
}

/** A list of tensors by name, in any order. */
const tensors = (infos: readonly (TensorInfo | OutputTensorInfo)[]): Schema => ({
  type: 'array',
  items: infos.length > 0 ? { anyOf: infos.map(tensor) } : {},
});

const tensor = ({ name, type, shape }: TensorInfo | OutputTensorInfo): Schema => ({
  ...object('name', 'datatype', 'shape'),
  description: shape ? `${type} ${shapeText(shape)}` : `${type} of any shape`,
  properties: {
    name: { const: name },
    datatype: { const: DATATYPES[type] },
    shape: { type: 'array', items: { type: 'integer', minimum: 0 } },
    data: { type: 'array', items: {} },
    parameters: { type: 'object' },
  },
});

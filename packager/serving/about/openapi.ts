/**
 * The OpenAPI 3.1 document of a model server (https://spec.openapis.org/oas/v3.1.0), made from what its model takes and gives.
 * A route is documented by an entry of `paths`.
 */
import type { Engine } from '../engine/engine.js';
import type { Examples } from './examples.js';
import { inferencePaths } from './inference-paths.js';
import { content, examplesIn, json, RETRY_AFTER, read, ref, TEXT, text } from './operations.js';
import { invocationSchema, predictionsSchema, recordsSchema, type Schema, splitSchema } from './schemas.js';

export interface Described {
  readonly engine: Engine;
  readonly examples: Examples;
  readonly title: string;
  /** The model's name in the paths of the Open Inference Protocol. */
  readonly name: string;
  /** mltrack's. */
  readonly version: string;
}

const error = (description: string) => ({ description, ...json(ref('Error')) });

const UNAVAILABLE = {
  ...error('No model is loaded yet, no worker answers, or the queue is full; the request may be sent again.'),
  headers: RETRY_AFTER,
};

export function openApi(described: Described): unknown {
  const { engine, title, version } = described;
  return {
    openapi: '3.1.0',
    info: {
      title,
      version,
      description: `The ONNX model ${title}, served by mltrack ${version} over MLflow's scoring protocol.`,
    },
    servers: [{ url: '.' }],
    paths: paths(described),
    components: {
      schemas: {
        Invocation: invocationSchema(engine.model, engine.interface),
        DataframeSplit: splitSchema(engine.model),
        DataframeRecords: recordsSchema(engine.model),
        Predictions: {
          type: 'object',
          required: ['predictions'],
          properties: { predictions: predictionsSchema(engine.interface) },
        },
        Error: ERROR,
      },
    },
  };
}

const ERROR: Schema = {
  type: 'object',
  required: ['error_code', 'message'],
  properties: {
    error_code: { type: 'string', examples: ['BAD_REQUEST', 'INVALID_PARAMETER_VALUE'] },
    message: { type: 'string' },
  },
};

function paths(described: Described) {
  return {
    '/invocations': { post: invocations(described) },
    '/ping': { get: health('ping') },
    '/health': { get: health('health') },
    '/version': { get: read('version', "mltrack's version", json(TEXT)) },
    '/metrics': { get: read('metrics', "Counts and times in Prometheus' text format", content('text/plain', TEXT)) },
    '/execution-parameters': {
      get: read('executionParameters', "What SageMaker's batch transform may send at once", json(EXECUTION)),
    },
    '/example': { get: ofModel('example', 'A body for /invocations', json({ type: 'object' })) },
    '/openapi.json': { get: ofModel('openapi', 'This document', json({ type: 'object' })) },
    '/': { get: ofModel('page', 'A page to try the model', content('text/html', TEXT)) },
    ...inferencePaths(described),
  };
}

const EXECUTION: Schema = {
  type: 'object',
  required: ['MaxConcurrentTransforms', 'BatchStrategy', 'MaxPayloadInMB'],
  properties: {
    MaxConcurrentTransforms: { type: 'integer' },
    BatchStrategy: { const: 'MULTI_RECORD' },
    MaxPayloadInMB: { type: 'number' },
  },
};

/** What is made from the model, and waits for it. */
function ofModel(operationId: string, summary: string, body: object) {
  const { responses, ...rest } = read(operationId, summary, body);
  return { ...rest, responses: { ...responses, 503: UNAVAILABLE } };
}

const health = (operationId: string) => ofModel(operationId, 'Whether predictions are answered', {});

/** The media types of a request, each with what its body is. */
const REQUESTS: Readonly<Record<string, Schema>> = {
  'application/json': ref('Invocation'),
  'application/json; format=pandas-split': ref('DataframeSplit'),
  'application/json; format=pandas-records': ref('DataframeRecords'),
  'text/csv': TEXT,
  // As OpenAPI 3.1 describes bytes: by a schema that says nothing.
  'application/x-npy': {},
};

/** What a reply may be written as. */
const REPLIES = {
  'application/json': { schema: { anyOf: [ref('Predictions'), { type: 'array', items: {} }] } },
  'text/csv': { schema: TEXT },
  'application/x-npy': {},
};

function invocations({ examples }: Described) {
  const requests = Object.entries(REQUESTS).map(([type, schema]) => {
    const fitting = examples.answered.filter((each) => each.endpoint === 'invocations' && each.contentType === type);
    return [type, { schema, ...examplesIn(fitting, examples.first) }] as const;
  });
  return {
    operationId: 'invoke',
    summary: 'Predictions',
    description:
      "JSON as MLflow 2 and 3 have it, a frame as MLflow 1 has it (answered by a bare array, one element a row), or CSV, of which the first line is a header unless all its cells are numbers ('text/csv; header=present' or 'absent' says), or one array as numpy saves it. null stands for NaN. Accept says what the reply is written as.",
    requestBody: { required: true, content: Object.fromEntries(requests) },
    responses: {
      200: { description: 'Predictions', content: REPLIES },
      400: error(
        'The body cannot be read, or does not fit the model; the message names the input and what is expected.',
      ),
      406: text('Nothing that is accepted can be written.'),
      413: error('The body is too large.'),
      415: text('The content type is not one of those above.'),
      503: UNAVAILABLE,
      504: { description: 'The model took too long.', ...json(TEXT) },
    },
  };
}

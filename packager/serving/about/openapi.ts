/**
 * The OpenAPI 3.1 document of a model server (https://spec.openapis.org/oas/v3.1.0), made from what its model takes and gives.
 * A route is documented by an entry of `paths`.
 */
import type { Engine } from '../engine.js';
import type { Example, Examples } from './examples.js';
import { invocationSchema, predictionsSchema, recordsSchema, type Schema, splitSchema } from './schemas.js';

export interface Described {
  readonly engine: Engine;
  readonly examples: Examples;
  readonly title: string;
  /** mltrack's. */
  readonly version: string;
}

/** Longer bodies are not repeated in the document, nor those with integers that would lose digits there. */
const LONGEST_EXAMPLE = 16 * 2 ** 10;
const LONG_INTEGER = /\d{16}/;

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const content = (type: string, schema: Schema) => ({ content: { [type]: { schema } } });
const json = (schema: Schema) => content('application/json', schema);
const TEXT: Schema = { type: 'string' };
const text = (description: string) => ({ description, ...content('text/plain', TEXT) });
const error = (description: string) => ({ description, ...json(ref('Error')) });

const UNAVAILABLE = {
  ...error('No model is loaded yet, no worker answers, or the queue is full; the request may be sent again.'),
  headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
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

const read = (operationId: string, summary: string, body: object) => ({
  operationId,
  summary,
  responses: { 200: { description: summary, ...body } },
});

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
};

function invocations({ examples }: Described) {
  const requests = Object.entries(REQUESTS).map(([type, schema]) => {
    const shown = examples.answered.filter(({ contentType }) => contentType === type).map(exampleEntry(examples));
    return [type, { schema, ...(shown.length > 0 && { examples: Object.fromEntries(shown) }) }] as const;
  });
  return {
    operationId: 'invoke',
    summary: 'Predictions',
    description:
      "JSON as MLflow 2 and 3 have it, a frame as MLflow 1 has it (answered by a bare array, one element a row), or CSV, of which the first line is a header unless all its cells are numbers ('text/csv; header=present' or 'absent' says). null stands for NaN.",
    requestBody: { required: true, content: Object.fromEntries(requests) },
    responses: {
      200: { description: 'Predictions', ...json({ anyOf: [ref('Predictions'), { type: 'array', items: {} }] }) },
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

const exampleEntry =
  ({ first }: Examples) =>
  (example: Example): readonly [string, object] => {
    const { form, contentType, body } = example;
    if (body.length <= LONGEST_EXAMPLE && !LONG_INTEGER.test(body)) {
      return [form, { value: contentType === 'text/csv' ? body : JSON.parse(body) }];
    }
    return [form, example === first ? { externalValue: 'example' } : { description: 'Too long to be shown here.' }];
  };

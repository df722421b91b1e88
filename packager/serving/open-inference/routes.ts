/**
 * The Open Inference Protocol over HTTP, which KServe's, MLServer's and Triton's clients speak: health, metadata, inference.
 * `request.ts` names the sources. Errors are `{"error": message}`.
 */

import type { TensorInfo } from '../../../client/onnx/graph.js';
import type { ServedInterface } from '../engine/engine.js';
import { type Exchange, type Handler, json, type Route } from '../http.js';
import { answerTo, type InvocationOptions, type Refuse } from '../invocation.js';
import type { OutputTensorInfo } from '../tensor.js';
import { DATATYPES, labelParameters } from './datatype.js';
import { MODEL_VERSION } from './reply.js';

export interface InferenceOptions extends InvocationOptions {
  /** The model's name in paths. */
  readonly name: string;
  /** The server's. */
  readonly version: string;
}

const HEADER_LENGTH = 'inference-header-content-length';

const refuse: Refuse = (status, _code, message) => json(status, { error: message });

/** `counted` wraps the handler whose answers are predictions. */
export function inferenceRoutes(options: InferenceOptions, counted: (handler: Handler) => Handler): Route[] {
  const ready = () => options.engine()?.answers === true;
  const model = (rest: string) => new RegExp(`^/v2/models/([^/]+)((?:/versions/[^/]+)?)${rest}$`);
  const nothing: Handler = ({ request }) => refuse(404, 'ENDPOINT_NOT_FOUND', `Nothing is served at ${request.url}`);
  return [
    { path: '/v2', methods: { GET: () => json(200, serverMetadata(options)) } },
    { path: '/v2/health/live', methods: { GET: () => json(200, { live: true }) } },
    { path: '/v2/health/ready', methods: { GET: () => json(ready() ? 200 : 503, { ready: ready() }) } },
    { path: model(''), methods: { GET: named(options, () => metadata(options)) } },
    {
      path: model('/ready'),
      methods: { GET: named(options, () => json(ready() ? 200 : 503, { name: options.name, ready: ready() })) },
    },
    { path: model('/infer'), methods: { POST: counted(named(options, (exchange) => infer(exchange, options))) } },
    { path: /^\/v2\/.*$/, methods: { GET: nothing, POST: nothing, DELETE: nothing } },
  ];
}

/** 404 for a path that names another model, or another version. */
function named({ name }: InferenceOptions, handler: Handler): Handler {
  return (exchange) => {
    const [model = '', version = ''] = exchange.parts;
    if (model !== name) return refuse(404, 'NOT_FOUND', `There is no model '${model}'. The model's name is '${name}'.`);
    if (version !== '' && version !== `/versions/${MODEL_VERSION}`) {
      return refuse(404, 'NOT_FOUND', `The model '${name}' has no version but ${MODEL_VERSION}. Got '${version}'.`);
    }
    return handler(exchange);
  };
}

const serverMetadata = ({ version }: InferenceOptions) => ({
  name: 'mltrack',
  version,
  extensions: ['binary_tensor_data'],
});

/** `platform` is what Triton calls an ONNX model; of a shape that the graph does not say, -1 stands for the elements. */
function metadata({ engine, name }: InferenceOptions) {
  const loaded = engine();
  if (!loaded) return refuse(503, 'TEMPORARILY_UNAVAILABLE', 'No model is loaded yet.');
  const { inputs, outputs }: ServedInterface = loaded.interface;
  return json(200, {
    name,
    versions: [MODEL_VERSION],
    platform: 'onnxruntime_onnx',
    parameters: { execution_provider: loaded.provider },
    inputs: inputs.map(tensorMetadata),
    outputs: outputs.map((output) => ({
      ...tensorMetadata(output),
      ...(output.labels && { parameters: labelParameters(output.labels) }),
    })),
  });
}

const tensorMetadata = ({ name, type, shape }: TensorInfo | OutputTensorInfo) => ({
  name,
  datatype: DATATYPES[type],
  shape: shape ?? [-1],
});

function infer(exchange: Exchange, options: InferenceOptions) {
  const given = exchange.request.headers[HEADER_LENGTH];
  if (given !== undefined && !/^\d{1,15}$/.test(String(given))) {
    return refuse(400, 'BAD_REQUEST', `Inference-Header-Content-Length must be a number of bytes. Got '${given}'.`);
  }
  const headerLength = given === undefined ? undefined : Number(given);
  const dialect = { codec: 'open-inference', headerLength, model: options.name } as const;
  return answerTo(exchange, { dialect, accept: 'application/json' }, options, refuse, headerLength);
}

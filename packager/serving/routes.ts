/** The routes of a model server, on one screen. */
import { type AboutOptions, aboutRoutes } from './about/routes.js';
import type { Engine } from './engine/engine.js';
import { type Answer, failure, type Handler, json, plain, type Route } from './http.js';
import { type InvocationOptions, invocation } from './invocation.js';
import { createMetrics, type ServedEngine } from './metrics.js';
import type { LoadedModels } from './models/loaded.js';
import { multiModelRoutes } from './models/routes.js';
import { type InferenceOptions, inferenceRoutes } from './open-inference/routes.js';

/** Of the model that was named at the start. */
export interface OwnModel extends Pick<AboutOptions, 'title'>, Pick<InferenceOptions, 'name'> {
  /** Its engine, once it is loaded. */
  engine(): Engine | undefined;
}

export interface RoutesOptions extends Omit<InvocationOptions, 'engine'> {
  /** Undefined: no model was named. */
  readonly own: OwnModel | undefined;
  /** The models of a multi-model server. */
  readonly models: LoadedModels | undefined;
  readonly version: string;
}

/** SageMaker's batch transform multiplies the two and allows 100 (CreateTransformJob, MaxPayloadInMB). */
const TRANSFORM_MB = 100;

export function modelRoutes(options: RoutesOptions): Route[] {
  const { own, models } = options;
  const metrics = createMetrics();
  const ping = () => (own ? health(own.engine()) : ALIVE);
  const text = () => metrics.text([...enginesOf(options)], models?.loaded.length);
  return [
    { path: '/ping', methods: { GET: ping } },
    { path: '/health', methods: { GET: ping } },
    { path: '/version', methods: { GET: () => ({ status: 200, type: 'application/json', body: options.version }) } },
    { path: '/metrics', methods: { GET: () => plain(200, text()) } },
    { path: '/execution-parameters', methods: { GET: () => executionParameters(options) } },
    ...(own ? ownRoutes({ ...options, ...own }, metrics.counted) : []),
    ...(models ? multiModelRoutes({ ...options, models }, metrics.counted) : []),
  ];
}

function ownRoutes(options: InferenceOptions & AboutOptions, counted: (handler: Handler) => Handler): Route[] {
  return [
    { path: '/invocations', methods: { POST: counted(invocation(options)) } },
    ...inferenceRoutes(options, counted),
    ...aboutRoutes(options),
  ];
}

function* enginesOf({ own, models }: RoutesOptions): Generator<ServedEngine> {
  const engine = own?.engine();
  if (engine) yield { model: undefined, engine };
  for (const { name } of models?.loaded ?? []) yield { model: name, engine: models?.engine(name) as Engine };
}

/** Models come and go, and one that hangs is no reason to replace the others' container. */
const ALIVE: Answer = { status: 200, type: 'application/json', body: '\n' };

function health(engine: Engine | undefined): Answer {
  if (engine?.answers) return ALIVE;
  return failure(503, 'TEMPORARILY_UNAVAILABLE', engine ? 'No worker answers.' : 'No model is loaded.');
}

function executionParameters({ own, maxPayload }: RoutesOptions): Answer {
  const payload = Math.min(maxPayload, TRANSFORM_MB);
  const atOnce = Math.min(own?.engine()?.workers ?? 1, Math.floor(TRANSFORM_MB / payload));
  return json(200, { MaxConcurrentTransforms: atOnce, BatchStrategy: 'MULTI_RECORD', MaxPayloadInMB: payload });
}

/** The routes of a model server, on one screen. */
import { type AboutOptions, aboutRoutes } from './about/routes.js';
import type { Engine } from './engine.js';
import { type Answer, failure, json, plain, type Route } from './http.js';
import { invocation } from './invocation.js';
import { createMetrics } from './metrics.js';
import { type InferenceOptions, inferenceRoutes } from './open-inference/routes.js';

export type RoutesOptions = InferenceOptions & AboutOptions;

/** SageMaker's batch transform multiplies the two and allows 100 (CreateTransformJob, MaxPayloadInMB). */
const TRANSFORM_MB = 100;

export function modelRoutes(options: RoutesOptions): Route[] {
  const metrics = createMetrics();
  const ping = () => health(options.engine());
  return [
    { path: '/ping', methods: { GET: ping } },
    { path: '/health', methods: { GET: ping } },
    { path: '/version', methods: { GET: () => ({ status: 200, type: 'application/json', body: options.version }) } },
    { path: '/metrics', methods: { GET: () => plain(200, metrics.text(options.engine())) } },
    { path: '/execution-parameters', methods: { GET: () => executionParameters(options) } },
    { path: '/invocations', methods: { POST: metrics.counted(invocation(options)) } },
    ...inferenceRoutes(options, metrics.counted),
    ...aboutRoutes(options),
  ];
}

function health(engine: Engine | undefined): Answer {
  if (engine && engine.ready > 0) return { status: 200, type: 'application/json', body: '\n' };
  return failure(503, 'TEMPORARILY_UNAVAILABLE', engine ? 'No worker answers.' : 'No model is loaded.');
}

function executionParameters({ engine, maxPayload }: RoutesOptions): Answer {
  const payload = Math.min(maxPayload, TRANSFORM_MB);
  const atOnce = Math.min(engine()?.workers ?? 1, Math.floor(TRANSFORM_MB / payload));
  return json(200, { MaxConcurrentTransforms: atOnce, BatchStrategy: 'MULTI_RECORD', MaxPayloadInMB: payload });
}

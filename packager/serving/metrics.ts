/** Counts of requests for predictions in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats). */
import type { Engine } from './engine/engine.js';
import type { Handler } from './http.js';

/** Upper bounds of the latency buckets, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface ServedEngine {
  /** The name that the model was loaded under; undefined for the one that the server was started with. */
  readonly model: string | undefined;
  readonly engine: Engine;
}

export interface Metrics {
  /** The handler, whose answers are counted and timed. */
  counted(handler: Handler): Handler;
  /** `loaded`: how many models a multi-model server has. */
  text(engines: readonly ServedEngine[], loaded: number | undefined): string;
}

export function createMetrics(): Metrics {
  const statuses = new Map<number, number>();
  const buckets = BUCKETS.map(() => 0);
  let sum = 0;
  let total = 0;
  const count = (status: number, seconds: number) => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    for (const [index, bound] of BUCKETS.entries()) if (seconds <= bound) buckets[index] = (buckets[index] ?? 0) + 1;
    sum += seconds;
    total++;
  };
  return {
    counted: (handler) => async (exchange) => {
      const start = performance.now();
      const answer = await handler(exchange);
      if (answer) count(answer.status, (performance.now() - start) / 1000);
      return answer;
    },
    text(engines, loaded) {
      const all = (of: (engine: Engine) => number) => engines.reduce((count, { engine }) => count + of(engine), 0);
      const requests = [...statuses].map(([status, count]) => `mltrack_invocations_total{status="${status}"} ${count}`);
      const name = 'mltrack_invocation_duration_seconds';
      return `${[
        ...described('mltrack_invocations_total', 'counter', 'Answered requests by status.'),
        ...requests,
        ...described(name, 'histogram', 'From arrival to answer.'),
        ...BUCKETS.map((bound, index) => `${name}_bucket{le="${bound}"} ${buckets[index]}`),
        `${name}_bucket{le="+Inf"} ${total}`,
        `${name}_sum ${sum}`,
        `${name}_count ${total}`,
        ...described('mltrack_queue_length', 'gauge', 'Requests that wait for a worker.'),
        `mltrack_queue_length ${all(({ queued }) => queued)}`,
        ...described('mltrack_workers_ready', 'gauge', 'Workers with a loaded model that are not stuck.'),
        `mltrack_workers_ready ${all(({ ready }) => ready)}`,
        ...described('mltrack_workers_busy', 'gauge', 'Workers that have a request.'),
        `mltrack_workers_busy ${all(({ busy }) => busy)}`,
        ...described('mltrack_execution_provider', 'gauge', 'What runs the graph.'),
        ...engines.map(
          ({ model, engine: { provider } }) => `mltrack_execution_provider{${labels({ model, provider })}} 1`,
        ),
        ...described('mltrack_batching', 'gauge', 'Whether requests share runs (1), and why or why not.'),
        ...engines.map(({ model, engine: { batching } }) => {
          return `mltrack_batching{${labels({ model, reason: batching.reason })}} ${Number(batching.on)}`;
        }),
        ...described('mltrack_batched_requests_total', 'counter', 'Requests that shared a run with another.'),
        `mltrack_batched_requests_total ${all(({ joined }) => joined)}`,
        ...described('mltrack_front_requests_total', 'counter', 'Requests answered by the thread that speaks HTTP.'),
        `mltrack_front_requests_total ${all(({ answeredInFront }) => answeredInFront)}`,
        ...(loaded === undefined
          ? []
          : [
              ...described('mltrack_models_loaded', 'gauge', 'Models that can be invoked.'),
              `mltrack_models_loaded ${loaded}`,
            ]),
      ].join('\n')}\n`;
    },
  };
}

const described = (name: string, type: string, help: string) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];

/** Those that have a value. JSON escapes what Prometheus' text format does. */
function labels(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return given.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',');
}

/** Counts of requests for predictions in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats). */
import type { Engine } from './engine.js';
import type { Handler } from './http.js';

/** Upper bounds of the latency buckets, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface Metrics {
  /** The handler, whose answers are counted and timed. */
  counted(handler: Handler): Handler;
  text(engine: Engine | undefined): string;
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
    text(engine) {
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
        `mltrack_queue_length ${engine?.queued ?? 0}`,
        ...described('mltrack_workers_ready', 'gauge', 'Workers with a loaded model that are not stuck.'),
        `mltrack_workers_ready ${engine?.ready ?? 0}`,
        ...described('mltrack_workers_busy', 'gauge', 'Workers that have a request.'),
        `mltrack_workers_busy ${engine?.busy ?? 0}`,
        ...described('mltrack_execution_provider', 'gauge', 'What runs the graph.'),
        ...(engine ? [`mltrack_execution_provider{provider="${engine.provider}"} 1`] : []),
        ...described('mltrack_batching', 'gauge', 'Whether requests share runs (1), and why or why not.'),
        ...(engine
          ? [`mltrack_batching{reason=${JSON.stringify(engine.batching.reason)}} ${Number(engine.batching.on)}`]
          : []),
        ...described('mltrack_batched_requests_total', 'counter', 'Requests that shared a run with another.'),
        `mltrack_batched_requests_total ${engine?.joined ?? 0}`,
      ].join('\n')}\n`;
    },
  };
}

const described = (name: string, type: string, help: string) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];

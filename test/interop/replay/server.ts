/** One of the two servers of the replay: what is asked of it, and the ids that stand for the names in the requests. */
import { Agent, request as httpRequest } from 'node:http';
import type { Replayed } from './requests.js';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Names = ReadonlyMap<string, string>;

export interface ReplayServer {
  readonly url: string;
  /** Where it was started: local locations are below. */
  readonly folder: string;
  names: Names;
  agent: Agent;
}

export const replayServer = (url: string, folder: string): ReplayServer => ({
  url,
  folder,
  names: new Map(),
  agent: new Agent({ keepAlive: true, maxSockets: 4 }),
});

/** Asks, with this server's ids in place of their names. */
export async function ask(server: ReplayServer, { method, path, body, contentType }: Replayed): Promise<Answer> {
  const bytes = body === undefined ? undefined : Buffer.from(named(server.names, body));
  const headers = {
    ...(contentType && { 'content-type': contentType }),
    ...(bytes && { 'content-length': String(bytes.length) }),
  };
  const url = server.url + named(server.names, path, encodeURIComponent);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent: server.agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

const named = (names: Names, text: string, spelt = (value: string) => value) =>
  text.replace(/\$[a-zA-Z]+/g, (name) => spelt(names.get(name) ?? name));

/** Things of every kind for the next requests, made in the same way on both servers. `number` makes their names new. */
export async function makeWorld(server: ReplayServer, number: number): Promise<void> {
  const names = new Map([
    ['$folder', server.folder],
    ['$experimentName', `experiment ${number}`],
    ['$trace', `tr-world-${number}`],
    ['$registered', `registered ${number}`],
  ]);
  server.names = names;
  const post = async (path: string, body: unknown, root = '/api/2.0/mlflow') => {
    const answer = await ask(server, {
      name: path,
      endpoint: path,
      method: 'POST',
      path: `${root}${path}`,
      body: JSON.stringify(body),
      contentType: 'application/json',
    });
    if (answer.status !== 200) throw new Error(`${server.url}${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  };
  const tags = [{ key: 'tag', value: 'v' }];
  names.set('$experiment', (await post('/experiments/create', { name: '$experimentName', tags })).experiment_id);
  const run = await post('/runs/create', { experiment_id: '$experiment', start_time: 1000, run_name: 'first', tags });
  names.set('$run', run.run.info.run_id);
  await post('/runs/log-batch', {
    run_id: '$run',
    metrics: [1, 2, 3].map((step) => ({ key: 'loss', value: 1 / step, timestamp: step, step })),
    params: [{ key: 'tag', value: 'one' }],
  });
  const model = await post('/logged-models', {
    experiment_id: '$experiment',
    name: 'model',
    source_run_id: '$run',
    tags,
  });
  names.set('$model', model.model.info.model_id);
  await post('/registered-models/create', { name: '$registered', tags });
  await post('/model-versions/create', { name: '$registered', source: 's3://bucket/models/m', tags });
  await post('/registered-models/alias', { name: '$registered', alias: 'champion', version: '1' });
  const events = [{ entity: 'MODEL_VERSION', action: 'CREATED' }];
  const hook = await post('/webhooks', { name: 'first', url: 'http://127.0.0.1:9/hook', events });
  names.set('$webhook', hook.webhook.webhook_id);
  const trace_location = { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '$experiment' } };
  const trace_info = {
    trace_id: '$trace',
    trace_location,
    request_time: '2026-01-01T00:00:00Z',
    state: 'OK',
    tags: { tag: 'v' },
  };
  await post('/traces', { trace: { trace_info } }, '/api/3.0/mlflow');
}

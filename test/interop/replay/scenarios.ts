/** Requests for the replay that follow on one another: each scenario has a new world, whose ids stand under the names of server.ts. */
import type { Replayed } from './requests.js';

type Step = readonly [method: string, path: string, fields?: object];

const post = (path: string, fields: object): Step => ['POST', path, fields];
const get = (path: string): Step => ['GET', path];

const run = get('/runs/get?run_id=$run');
const experiment = get('/experiments/get?experiment_id=$experiment');
const history = (key: string) => get(`/metrics/get-history?run_id=$run&metric_key=${key}&max_results=100`);
const metric = (fields: object) =>
  post('/runs/log-metric', { run_id: '$run', key: 'm', value: 1, timestamp: 1, step: 0, ...fields });
const param = (key: string, value: string) => post('/runs/log-parameter', { run_id: '$run', key, value });
const batch = (fields: object) => post('/runs/log-batch', { run_id: '$run', ...fields });
const tag = (key: string, value: string) => post('/runs/set-tag', { run_id: '$run', key, value });
const many = <T>(n: number, of: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => of(i));
const metrics = (n: number) => many(n, (i) => ({ key: `k${i}`, value: i, timestamp: i, step: i }));
const pairs = (n: number) => many(n, (i) => ({ key: `k${i}`, value: `${i}` }));

const searchRuns = (fields: object) =>
  post('/runs/search', { experiment_ids: ['$experiment'], max_results: 100, ...fields });
const filters = [
  ...["params.tag = 'one'", "params.tag != 'one'", "params.tag LIKE 'o%'", "params.tag ILIKE 'O%'", "tags.tag = 'v'"],
  ...['metrics.loss < 0.5', 'metrics.loss >= 0.3', 'metrics.loss != 1', 'metrics.absent > 0', 'metrics.loss = "x"'],
  ...["attributes.status = 'RUNNING'", "status IN ('FINISHED', 'FAILED')", "attributes.run_name LIKE '%irs%'"],
  ...[
    "run_id IN ('$run')",
    'attributes.start_time > 0',
    'start_time = 1000',
    'end_time IS NULL',
    'tags.tag IS NOT NULL',
  ],
  ...["params.`tag` = 'one' and metrics.loss < 1", 'params.tag = one', "tags.tag > 'a'", "metrics.loss LIKE 'a'"],
  ...[
    "params.tag = 'one' or params.tag = 'two'",
    'nonsense',
    "foo.bar = 'x'",
    "attributes.nothing = 'x'",
    "tags.tag = ''",
  ],
  ...["tags.tag RLIKE 'v'", "params.tag NOT IN ('two')", "dataset.name = 'd'", "run_name = 'first' and", "('a' = 'a')"],
];
const orders = [
  ...[
    ['metrics.loss ASC'],
    ['metrics.loss DESC', 'params.tag'],
    ['start_time'],
    ['attributes.run_name DESC'],
    ['tags.tag'],
  ],
  ...[['nonsense'], ['metrics.loss SIDEWAYS'], ['foo.bar'], ['params.absent ASC']],
];

const model = (rest: string) => `/registered-models/${rest}`;
const version = (rest: string) => `/model-versions/${rest}`;
const inModel = { name: '$registered' };
const registered = get(model('get?name=$registered'));

const SCENARIOS: Record<string, readonly Step[]> = {
  'an experiment is renamed, deleted, refused and restored': [
    post('/experiments/update', { experiment_id: '$experiment', new_name: '$experimentName again' }),
    experiment,
    post('/experiments/delete', { experiment_id: '$experiment' }),
    experiment,
    run,
    post('/experiments/delete', { experiment_id: '$experiment' }),
    post('/experiments/set-experiment-tag', { experiment_id: '$experiment', key: 'k', value: 'v' }),
    post('/experiments/delete-experiment-tag', { experiment_id: '$experiment', key: 'tag' }),
    post('/experiments/create', { name: '$experimentName again' }),
    post('/runs/create', { experiment_id: '$experiment' }),
    post('/logged-models', { experiment_id: '$experiment' }),
    metric({}),
    searchRuns({}),
    searchRuns({ run_view_type: 'ALL' }),
    post('/experiments/restore', { experiment_id: '$experiment' }),
    experiment,
    run,
    post('/experiments/create', { name: '$experimentName again' }),
  ],
  'tags of an experiment': [
    post('/experiments/set-experiment-tag', { experiment_id: '$experiment', key: 'k', value: 'v' }),
    post('/experiments/set-experiment-tag', { experiment_id: '$experiment', key: 'k', value: '' }),
    post('/experiments/set-experiment-tag', { experiment_id: '$experiment', key: 'long', value: 'x'.repeat(20_000) }),
    post('/experiments/set-experiment-tag', { experiment_id: '$experiment', key: 'longer', value: 'x'.repeat(20_001) }),
    experiment,
    post('/experiments/delete-experiment-tag', { experiment_id: '$experiment', key: 'k' }),
    post('/experiments/delete-experiment-tag', { experiment_id: '$experiment', key: 'k' }),
    experiment,
  ],
  'a run is finished, deleted, refused and restored': [
    post('/runs/update', { run_id: '$run', status: 'FINISHED', end_time: 2000, run_name: 'second' }),
    run,
    post('/runs/update', { run_id: '$run' }),
    tag('mlflow.runName', 'third'),
    run,
    post('/runs/delete', { run_id: '$run' }),
    run,
    post('/runs/delete', { run_id: '$run' }),
    metric({}),
    param('p', '1'),
    tag('t', '1'),
    batch({ tags: pairs(1) }),
    post('/runs/delete-tag', { run_id: '$run', key: 'tag' }),
    post('/runs/update', { run_id: '$run', status: 'RUNNING' }),
    post('/runs/log-inputs', { run_id: '$run', datasets: [] }),
    post('/runs/restore', { run_id: '$run' }),
    post('/runs/restore', { run_id: '$run' }),
    run,
  ],
  'names of runs': [
    post('/runs/create', {
      experiment_id: '$experiment',
      start_time: 1,
      run_name: 'a',
      tags: [{ key: 'mlflow.runName', value: 'b' }],
    }),
    post('/runs/create', {
      experiment_id: '$experiment',
      start_time: 1,
      tags: [{ key: 'mlflow.runName', value: 'b' }],
    }),
    post('/runs/create', {
      experiment_id: '$experiment',
      start_time: 1,
      run_name: 'a',
      tags: [{ key: 'mlflow.runName', value: 'a' }],
    }),
    post('/runs/create', { experiment_id: '$experiment', start_time: 1, user_id: 'u' }),
    post('/runs/create', { experiment_id: '$experiment', start_time: 1, tags: [{ key: 'a@b', value: 'é' }] }),
    post('/runs/create', { experiment_id: '987654', start_time: 1 }),
  ],
  'a param is set once': [
    param('p', '1'),
    param('p', '1'),
    param('p', '2'),
    param('empty', ''),
    param('long', 'x'.repeat(6001)),
    batch({ params: [{ key: 'p', value: '3' }] }),
    batch({
      params: [
        { key: 'p', value: '1' },
        { key: 'q', value: '1' },
      ],
    }),
    batch({
      params: [
        { key: 'r', value: '1' },
        { key: 'r', value: '2' },
      ],
    }),
    batch({
      params: [
        { key: 'new', value: '1' },
        { key: 'p', value: "it's" },
      ],
    }),
    run,
  ],
  'tags of a run': [
    tag('t', '1'),
    tag('t', '2'),
    tag('empty', ''),
    tag('long', 'x'.repeat(8001)),
    batch({
      tags: [
        { key: 't', value: '3' },
        { key: 't', value: '4' },
      ],
    }),
    run,
    post('/runs/delete-tag', { run_id: '$run', key: 't' }),
    post('/runs/delete-tag', { run_id: '$run', key: 't' }),
    run,
  ],
  'the latest value of a metric': [
    metric({ step: 5, timestamp: 10, value: 1 }),
    metric({ step: 4, timestamp: 20, value: 2 }),
    run,
    metric({ step: 5, timestamp: 9, value: 3 }),
    metric({ step: 5, timestamp: 10, value: 0.5 }),
    metric({ step: 5, timestamp: 10, value: 1 }),
    run,
    metric({ step: 5, timestamp: 10, value: 7 }),
    metric({ step: -1, timestamp: 0 }),
    metric({ key: 'nan', value: 'NaN' }),
    metric({ key: 'infinite', value: 'Infinity' }),
    metric({ key: 'infinite', value: '-Infinity', step: 1 }),
    metric({ key: 'far', step: '9223372036854775807', timestamp: '9223372036854775807' }),
    run,
    ...['m', 'nan', 'infinite', 'far', 'absent'].map(history),
    get('/metrics/get-history-bulk-interval?run_ids=$run&metric_key=m&max_results=2'),
    get('/metrics/get-history-bulk-interval?run_ids=$run&metric_key=m&start_step=0&end_step=5&max_results=10'),
    get('/metrics/get-history-bulk-interval?run_ids=$run&metric_key=m&start_step=5&end_step=0'),
    get('/metrics/get-history-bulk-interval?run_ids=$run&metric_key=m&start_step=5'),
    get(`/metrics/get-history-bulk-interval?${many(101, () => 'run_ids=$run').join('&')}&metric_key=m`),
  ],
  'the limits of a batch': [
    batch({ metrics: metrics(1000) }),
    batch({ metrics: metrics(1001) }),
    batch({ params: pairs(100) }),
    batch({ params: pairs(101) }),
    batch({ tags: pairs(100) }),
    batch({ tags: pairs(101) }),
    batch({ metrics: metrics(900), params: pairs(51), tags: pairs(50) }),
    batch({}),
    batch({ metrics: [{ key: 'a'.repeat(250), value: 1, timestamp: 1 }] }),
    batch({ metrics: [{ key: 'a'.repeat(251), value: 1, timestamp: 1 }] }),
    run,
  ],
  'datasets and models of a run': [
    post('/runs/log-inputs', {
      run_id: '$run',
      datasets: [
        {
          tags: [{ key: 'mlflow.data.context', value: 'training' }],
          dataset: { name: 'd', digest: '1', source_type: 'local', source: 's', schema: '{}', profile: '{}' },
        },
      ],
    }),
    run,
    post('/runs/log-inputs', { run_id: '$run', models: [{ model_id: '$model' }] }),
    post('/runs/outputs', { run_id: '$run', models: [{ model_id: '$model', step: 3 }] }),
    run,
    post('/runs/log-model', { run_id: '$run', model_json: 'nonsense' }),
    searchRuns({ filter: "dataset.name = 'd'" }),
  ],
  'a logged model': [
    get('/logged-models/$model'),
    ['PATCH', '/logged-models/$model', { model_id: '$model', status: 'LOGGED_MODEL_READY' }],
    post('/logged-models/$model/params', { model_id: '$model', params: pairs(2) }),
    metric({ model_id: '$model', key: 'accuracy', value: 0.5 }),
    get('/logged-models/$model'),
    ['DELETE', '/logged-models/$model/tags/tag'],
    ['DELETE', '/logged-models/$model/tags/tag'],
    ['DELETE', '/logged-models/$model'],
    get('/logged-models/$model'),
    ['DELETE', '/logged-models/$model'],
  ],
  'runs are searched': [
    post('/runs/create', {
      experiment_id: '$experiment',
      start_time: 2000,
      run_name: 'other',
      tags: [{ key: 'tag', value: 'V' }],
    }),
    ...filters.map((filter) => searchRuns({ filter })),
    ...orders.map((order_by) => searchRuns({ order_by })),
    searchRuns({ max_results: 1 }),
    searchRuns({ max_results: 50_001 }),
    searchRuns({ experiment_ids: [] }),
    searchRuns({ experiment_ids: ['987654'] }),
    searchRuns({ run_view_type: 'DELETED_ONLY' }),
  ],
  'experiments are searched': [
    ...["name = '$experimentName'", "name LIKE '$experimentName'", "tags.tag = 'v' and name = '$experimentName'"].map(
      (filter) => post('/experiments/search', { max_results: 10, filter }),
    ),
    post('/experiments/search', { max_results: 10, filter: "nothing = 'x'" }),
    post('/experiments/search', { max_results: 10, filter: "name > 'x'" }),
    post('/experiments/search', { max_results: 50_001 }),
    get("/experiments/search?max_results=10&filter=name='$experimentName'"),
  ],
  'a registered model': [
    registered,
    post(model('create'), inModel),
    post(model('set-tag'), { ...inModel, key: 'k', value: 'v' }),
    post(model('set-tag'), { ...inModel, key: 'k', value: 'w' }),
    ['DELETE', model('delete-tag'), { ...inModel, key: 'k' }],
    ['DELETE', model('delete-tag'), { ...inModel, key: 'k' }],
    ['PATCH', model('update'), { ...inModel, description: 'described' }],
    registered,
    post(model('rename'), { ...inModel, new_name: '$registered renamed' }),
    registered,
    get(model('get?name=$registered renamed')),
    get(model("search?max_results=5&filter=name='$registered renamed'")),
    get(model("search?max_results=5&filter=name LIKE '$registered%25'")),
    get(model("search?max_results=5&filter=name > 'a'")),
    get(model('search?max_results=1001')),
    ['DELETE', model('delete'), { name: '$registered renamed' }],
    ['DELETE', model('delete'), { name: '$registered renamed' }],
    get(version('get?name=$registered renamed&version=1')),
  ],
  'versions of a model': [
    post(version('create'), { ...inModel, source: 's3://bucket/b', description: 'two', run_link: 'link' }),
    post(version('create'), { name: 'nobody', source: 's3://bucket/b' }),
    post(version('create'), { ...inModel, source: 'models:/$model', model_id: '$model' }),
    post(version('create'), { ...inModel, source: '/etc' }),
    post(version('create'), { ...inModel, source: 's3://bucket/../b' }),
    ...['1', '2', '3', '4', 'x'].map((number) => get(version(`get?name=$registered&version=${number}`))),
    get(version('get-download-uri?name=$registered&version=3')),
    ['PATCH', version('update'), { ...inModel, version: '1', description: 'described' }],
    post(version('set-tag'), { ...inModel, version: '1', key: 'k', value: 'v' }),
    ['DELETE', version('delete-tag'), { ...inModel, version: '1', key: 'k' }],
    get(version("search?max_results=5&filter=name='$registered'")),
    get(version("search?max_results=5&filter=run_id='$run'")),
    get(version('search?max_results=5&filter=version_number = 1')),
    get(version("search?max_results=5&filter=name='$registered'&order_by=version_number ASC")),
    ['DELETE', version('delete'), { ...inModel, version: '3' }],
    get(version('get?name=$registered&version=3')),
    post(version('create'), { ...inModel, source: 's3://bucket/c' }),
    registered,
  ],
  'stages of versions': [
    post(version('create'), { ...inModel, source: 's3://bucket/b' }),
    post(version('transition-stage'), {
      ...inModel,
      version: '1',
      stage: 'production',
      archive_existing_versions: false,
    }),
    post(version('transition-stage'), {
      ...inModel,
      version: '2',
      stage: 'Production',
      archive_existing_versions: true,
    }),
    post(version('transition-stage'), { ...inModel, version: '2', stage: 'Archived', archive_existing_versions: true }),
    post(version('transition-stage'), {
      ...inModel,
      version: '2',
      stage: 'Nonsense',
      archive_existing_versions: false,
    }),
    post(version('transition-stage'), { ...inModel, version: '9', stage: 'Staging', archive_existing_versions: false }),
    post(model('get-latest-versions'), inModel),
    post(model('get-latest-versions'), { ...inModel, stages: ['Production'] }),
    post(model('get-latest-versions'), { ...inModel, stages: ['Nonsense'] }),
    registered,
  ],
  'what MLflow has its own way with: a run without a start, a param twice': [
    post('/runs/create', { experiment_id: '$experiment' }),
    batch({ params: [...pairs(1), ...pairs(1)] }),
    batch({ metrics: null }),
    get('/logged-models/%2F$model'),
    get(model('search?max_results=-1')),
    post('/runs/log-inputs', { run_id: '$run', run_uuid: 'x', runUuid: 'y' }),
    post('/logged-models/search', {}),
    post('/webhooks', { name: 'runs', url: 'http://127.0.0.1:9/', run_events: [{ action: 'FAILED' }] }),
  ],
  'aliases of a model': [
    get(model('alias?name=$registered&alias=champion')),
    post(version('create'), { ...inModel, source: 's3://bucket/b' }),
    post(model('alias'), { ...inModel, alias: 'champion', version: '2' }),
    get(model('alias?name=$registered&alias=champion')),
    get(model('alias?name=$registered&alias=latest')),
    get(model('alias?name=$registered&alias=nobody')),
    ...['latest', 'v1', 'a b', 'x'.repeat(256), 'ok-1_2'].map((alias) =>
      post(model('alias'), { ...inModel, alias, version: '1' }),
    ),
    post(model('alias'), { ...inModel, alias: 'far', version: '99' }),
    get(version('get?name=$registered&version=2')),
    ['DELETE', version('delete'), { ...inModel, version: '2' }],
    registered,
    ['DELETE', model('alias'), { ...inModel, alias: 'champion' }],
    ['DELETE', model('alias'), { ...inModel, alias: 'champion' }],
    registered,
  ],
};

export function scenarioRequests(): Replayed[] {
  return Object.entries(SCENARIOS).flatMap(([name, steps]) =>
    steps.map(([method, path, fields], i) => ({
      name: `${name}: ${i + 1}. ${method} ${path.slice(0, 80)}${fields ? ` ${JSON.stringify(fields).slice(0, 120)}` : ''}`,
      endpoint: name,
      method,
      path: `/api/2.0/mlflow${path.replaceAll(' ', '%20').replaceAll("'", '%27')}`,
      ...(fields && { body: JSON.stringify(fields), contentType: 'application/json' }),
    })),
  );
}

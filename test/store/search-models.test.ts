/** searchLoggedModels: filters, datasets and structured orders, in pages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

type Request = Parameters<ApiCalls['searchLoggedModels']>[0];

interface Sample {
  name: string;
  type?: string;
  params?: Record<string, string>;
  tags?: Record<string, string>;
  /** [metric, dataset, digest, value, timestamp]. */
  metrics?: [string, string, string, number, number][];
}

const SAMPLES: Sample[] = [
  {
    name: 'a',
    type: 'agent',
    params: { lr: '0.01' },
    metrics: [
      ['acc', 'train', 'd1', 0.9, 1],
      ['acc', 'test', 'd2', 0.4, 2],
    ],
  },
  { name: 'b', type: 'Agent', params: { lr: '0.02' }, tags: { team: 'x' }, metrics: [['acc', 'test', 'd2', 0.6, 1]] },
  { name: 'c', tags: { team: 'y', 'a b': 'z' }, metrics: [['acc', '', '', 0.5, 1]] },
  { name: 'd', metrics: [['acc', 'test', 'd3', Number.NaN, 1]] },
  { name: 'e' },
];

describeStore('searchLoggedModels', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  const experiments: Record<string, string> = {};
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
    for (const kind of ['folded', 'unfolded']) {
      experiments[kind] = await fill(kind);
      if (kind === 'folded') await store.fold();
    }
  });
  afterAll(() => store.close());

  async function fill(kind: string): Promise<string> {
    const { experiment_id } = await calls.createExperiment({ name: kind });
    const { run } = await calls.createRun({ experiment_id });
    const pairs = (of: Record<string, string> = {}) => Object.entries(of).map(([key, value]) => ({ key, value }));
    for (const { name, type, params, tags, metrics = [] } of SAMPLES) {
      const { model } = await calls.createLoggedModel({
        experiment_id,
        name,
        ...(type && { model_type: type }),
        params: pairs(params),
        tags: pairs(tags),
      });
      const { model_id } = model.info;
      if (name === 'a') await calls.finalizeLoggedModel({ model_id, status: 'LOGGED_MODEL_READY' });
      for (const [key, dataset_name, dataset_digest, value, timestamp] of metrics) {
        const on = { model_id, dataset_name, dataset_digest };
        await calls.logMetric({ run_id: run.info.run_id, key, value, timestamp, step: 0, ...on });
      }
    }
    return experiment_id;
  }

  async function names(kind: string, request: Partial<Request>): Promise<string> {
    const experiment_ids = [experiments[kind] as string];
    const whole = await calls.searchLoggedModels({ experiment_ids, ...request });
    const found = (whole.models ?? []).map((model) => model.info.name).join('');
    let paged = '';
    let page_token: string | undefined;
    do {
      const page = await calls.searchLoggedModels({ experiment_ids, ...request, max_results: 2, page_token });
      paged += (page.models ?? []).map((model) => model.info.name).join('');
      page_token = page.next_page_token;
    } while (page_token);
    expect(paged).toBe(found);
    return found;
  }
  const byName = [{ field_name: 'name' }];
  const on = (dataset_name: string, dataset_digest?: string) => ({ dataset_name, dataset_digest });

  const CASES: [request: Partial<Request>, found: string][] = [
    [{ order_by: byName }, 'abcde'],
    [{ filter: "name = 'a'" }, 'a'],
    [{ filter: 'name = "a"' }, 'a'],
    [{ filter: "attributes.name IN ('a', 'c')", order_by: byName }, 'ac'],
    [{ filter: "name not in ('a', 'c') AND params.lr = 0.02" }, 'b'],
    [{ filter: "params.lr LIKE '0.0%'", order_by: byName }, 'ab'],
    [{ filter: "model_type LIKE 'agent'" }, 'a'],
    [{ filter: "model_type ilike 'agent'", order_by: byName }, 'ab'],
    [{ filter: "tags.`a b` = 'z' OR tags.team = 'x'", order_by: byName }, 'bc'],
    [{ filter: "status = 'READY'" }, 'a'],
    [{ filter: "status != 'LOGGED_MODEL_READY'", order_by: byName }, 'bcde'],
    [{ filter: 'creation_time > 0 AND last_updated_timestamp > 0', order_by: byName }, 'abcde'],
    [{ filter: 'metrics.acc > 0.45', order_by: byName }, 'abc'],
    [{ filter: 'metrics.acc > 0.45', datasets: [on('test')], order_by: byName }, 'b'],
    [{ filter: 'metrics.acc != 0.4', datasets: [on('test')], order_by: byName }, 'bd'],
    [{ datasets: [on('train'), on('test', 'd3')], order_by: byName }, 'ad'],
    [{ order_by: [{ field_name: 'name', ascending: false }] }, 'edcba'],
    [{ order_by: [{ field_name: 'metrics.acc' }, ...byName] }, 'acbde'],
    [{ order_by: [{ field_name: 'metrics.acc', ascending: false, dataset_name: 'train' }, ...byName] }, 'abcde'],
    [{ order_by: [{ field_name: 'metrics.acc', ...on('test', 'd2'), ascending: false }, ...byName] }, 'bacde'],
    [{ order_by: [{ field_name: 'model_type' }, ...byName] }, 'bacde'],
  ];

  describe.each(['folded', 'unfolded'])('%s metrics', (kind) => {
    test.each(CASES)('%j', async (request, found) => {
      expect(await names(kind, request)).toBe(found);
    });
  });

  test('a model has its latest metric of each dataset', async () => {
    const { models } = await calls.searchLoggedModels({
      experiment_ids: [experiments.unfolded as string],
      filter: "name = 'a'",
    });
    expect(models?.[0]?.data.metrics).toMatchObject([
      { key: 'acc', value: 0.4, dataset_name: 'test', dataset_digest: 'd2' },
      { key: 'acc', value: 0.9, dataset_name: 'train', dataset_digest: 'd1' },
    ]);
  });

  const BAD: [request: Partial<Request>, message: string | RegExp][] = [
    [{ filter: 'metrics.acc LIKE 1' }, "Invalid comparison operator for metrics.acc: 'LIKE'. Expected one of ("],
    [{ filter: "name > 'a'" }, "Invalid comparison operator for attributes.name: '>'. Expected one of ('=', '!=',"],
    [
      { filter: 'metric.acc > 1' },
      "Invalid entity type: 'metric'. Expected one of ['attributes', 'metrics', 'params', 'tags'].",
    ],
    [{ filter: 'nonsense' }, "Invalid filter string: 'nonsense'. Expected a list of comparisons separated by 'AND'"],
    [{ filter: "name = 'a'; name = 'b'" }, /Invalid filter string: .* Expected a single SQL expression/],
    [
      { order_by: [{ field_name: 'params.lr' }] },
      'Invalid order by field name: params.lr. Only metrics are supported.',
    ],
    [{ order_by: [{ field_name: 'nonsense' }] }, 'Invalid order by field name: nonsense'],
    [{ page_token: 'nonsense' }, 'Invalid page token'],
    [{ datasets: [{ dataset_name: '' }] }, 'dataset_name'],
  ];

  test.each(BAD)('refuses %j', async (request, message) => {
    const asked = calls.searchLoggedModels({ experiment_ids: [experiments.folded as string], ...request });
    await expect(asked).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(
      calls.searchLoggedModels({ experiment_ids: [experiments.folded as string], ...request }),
    ).rejects.toThrow(message);
  });
});

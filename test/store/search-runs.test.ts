/** searchRuns: filters and orders over what runs have logged, folded or not, in pages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiCalls, Metric, RunStatus } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

interface Sample {
  name: string;
  start: number;
  params?: Record<string, string>;
  tags?: Record<string, string>;
  metrics?: Record<string, number | number[]>;
  status?: RunStatus;
}

/** `b` has the metric at NaN, `d` not at all; `c` and `e` are equal in it. */
const SAMPLES: Sample[] = [
  { name: 'a', start: 5, params: { lr: '0.1', opt: 'Adam' }, tags: { team: 'x%y' }, metrics: { loss: [3, 1, 2] } },
  { name: 'b', start: 4, params: { lr: '0.2', opt: 'adamw' }, tags: { team: 'xay' }, metrics: { loss: Number.NaN } },
  {
    name: 'c',
    start: 3,
    params: { lr: '0.1' },
    tags: { team: "o'neil" },
    metrics: { loss: 5, acc: 0.5 },
    status: 'FINISHED',
  },
  { name: 'd', start: 2, tags: { 'a b': 'spaced', team: 'a\\b' }, status: 'FAILED' },
  { name: 'e', start: 1, params: { opt: 'SGD' }, metrics: { loss: 5, 'val/acc': -1 } },
];

const metricsOf = ({ metrics = {} }: Sample): Metric[] =>
  Object.entries(metrics).flatMap(([key, values]) =>
    [values].flat().map((value, step) => ({ key, value, timestamp: 1000 + step, step })),
  );

describeStore('searchRuns', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  const experiments: Record<string, string> = {};
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
    for (const kind of ['folded', 'unfolded', 'half']) experiments[kind] = await fill(kind);
  });
  afterAll(() => store.close());

  /** `half`: the metrics were folded once and have changed since. */
  async function fill(kind: string): Promise<string> {
    const { experiment_id } = await calls.createExperiment({ name: kind });
    const runs: [string, Sample][] = [];
    for (const sample of SAMPLES) {
      const { run } = await calls.createRun({ experiment_id, run_name: sample.name, start_time: sample.start });
      runs.push([run.info.run_id, sample]);
      const pairs = (of: Record<string, string> = {}) => Object.entries(of).map(([key, value]) => ({ key, value }));
      await calls.logBatch({ run_id: run.info.run_id, params: pairs(sample.params), tags: pairs(sample.tags) });
      const { run_id } = run.info;
      if (sample.status) await calls.updateRun({ run_id, status: sample.status, end_time: 90 + sample.start });
      if (kind === 'half') {
        const first = metricsOf(sample).slice(0, 1);
        await calls.logBatch({
          run_id,
          metrics: first.map((metric) => ({ ...metric, value: 2.5, step: -1, timestamp: 1 })),
        });
      } else {
        await calls.logBatch({ run_id, metrics: metricsOf(sample) });
      }
    }
    if (kind !== 'unfolded') await store.fold();
    if (kind === 'half')
      for (const [run_id, sample] of runs) await calls.logBatch({ run_id, metrics: metricsOf(sample) });
    return experiment_id;
  }

  async function names(kind: string, filter: string, order_by: string[] = []): Promise<string> {
    const experiment_ids = [experiments[kind] as string];
    const whole = await calls.searchRuns({ experiment_ids, filter, order_by });
    const found = (whole.runs ?? []).map((run) => run.info.run_name).join('');
    let paged = '';
    let page_token: string | undefined;
    do {
      const page = await calls.searchRuns({ experiment_ids, filter, order_by, page_token, max_results: 2 });
      paged += (page.runs ?? []).map((run) => run.info.run_name).join('');
      page_token = page.next_page_token;
    } while (page_token);
    expect(paged).toBe(found);
    return found;
  }

  const FILTERS: [filter: string, found: string][] = [
    ['', 'abcde'],
    ['   ', 'abcde'],
    ['metrics.loss > 1', 'ace'],
    ['metric.loss >= 5 and metrics.acc < 1', 'c'],
    ['metrics.loss = 5', 'ce'],
    ['metrics.loss != 5', 'ab'],
    ['metrics.loss < 1e9 AND metrics.`val/acc` = -1', 'e'],
    ['metrics."val/acc" <= -1.0', 'e'],
    ["params.lr = '0.1'", 'ac'],
    ['params.lr != "0.1"', 'b'],
    ["param.opt LIKE 'Adam%'", 'a'],
    ["parameters.opt ILIKE 'adam%'", 'ab'],
    ["params.opt like '%'", 'abe'],
    ['params.lr IS NULL', 'de'],
    ['params.lr IS NOT NULL', 'abc'],
    ["tags.team LIKE 'x_y'", 'ab'],
    ["tags.team = 'x%y'", 'a'],
    ['tags.team = "o\'neil"', 'c'],
    ["tags.team = 'o''neil'", 'c'],
    ["tags.team LIKE 'a\\b'", 'd'],
    ["tags.team LIKE '%\\%'", 'd'],
    ["tags.`a b` = 'spaced'", 'd'],
    ["tags.`mlflow.runName` = 'b'", 'b'],
    ["tags.mlflow.runName != 'b'", 'acde'],
    ["attributes.status = 'FINISHED'", 'c'],
    ["status != 'RUNNING'", 'cd'],
    ["run.status LIKE 'F%'", 'cd'],
    ["attr.run_name = 'a'", 'a'],
    ["`run name` ILIKE 'A'", 'a'],
    ['start_time > 2', 'abc'],
    ['created <= 2.5', 'de'],
    ['end_time < 99999999999999999999', 'cd'],
    ['end_time != 93', 'd'],
    ["user_id = ''", 'abcde'],
    ["run_id IN ('x', 'y')", ''],
    ["run_id NOT IN ('x')", 'abcde'],
    ["AND metrics.loss = 2 AND AND params.lr = '0.1' AND", 'a'],
    ["metrics.loss = 2 OR params.opt = 'SGD'", 'ae'],
    ["(metrics.loss = 2 OR params.opt = 'SGD') AND NOT start_time = 1", 'a'],
    ["NOT params.lr = '0.1'", 'bde'],
    ['NOT metrics.loss > 1', 'bd'],
    ['NOT end_time < 93', 'abce'],
    ["NOT (status = 'RUNNING' AND NOT params.lr IS NULL)", 'cde'],
    ['number(params.lr) > 0.15', 'b'],
    ['number(params.lr) >= 0.1 AND metrics.loss > 1', 'ac'],
    ['number(params.lr) != 0.1', 'b'],
    ['NOT NUMBER(params.lr) = 0.1', 'bde'],
    ['number(params.opt) > -1 OR number(tags.team) < 1', ''],
    ['min(metrics.loss) < 2', 'a'],
    ['MAX(metrics.loss) = 3 AND first(metrics.loss) < 3.5', 'a'],
    ['last_step(metrics.loss) = 2', 'a'],
    ["metrics.never = 1 OR tags.never = 'x'", ''],
  ];

  const ORDERS: [order: string[], found: string][] = [
    [[], 'abcde'],
    [['start_time'], 'edcba'],
    [['attributes.start_time DESC'], 'abcde'],
    [['metrics.loss'], 'acebd'],
    [['metrics.loss DESC'], 'ceabd'],
    [['metrics.loss desc', 'start_time asc'], 'ecabd'],
    [['params.lr', 'attributes.run_name DESC'], 'cabed'],
    [['params.`lr` DESC'], 'bacde'],
    [['number(params.lr) DESC', 'start_time'], 'bcaed'],
    [['number(params.lr)', 'params.opt DESC'], 'acbed'],
    [['tags.team'], 'dcabe'],
    [['status', 'created'], 'dceba'],
    [['end_time DESC'], 'cdabe'],
    [['end_time ASC', 'run_name DESC'], 'dceba'],
    [['metrics.acc', 'metrics.loss'], 'caebd'],
    [['min(metrics.acc)'], 'cabde'],
    [['last_step(metrics.loss) DESC'], 'abced'],
    [['metrics.never', 'run_name DESC'], 'edcba'],
  ];

  describe.each(['folded', 'unfolded', 'half'])('%s metrics', (kind) => {
    test.each(FILTERS)('filter %s', async (filter, found) => {
      expect(await names(kind, filter)).toBe(found);
    });

    test.each(ORDERS)('order by %j', async (order, found) => {
      expect(await names(kind, '', order)).toBe(found);
    });
  });

  test('counts are of distinct points', async () => {
    expect(await names('folded', 'count(metrics.loss) = 3')).toBe('a');
    expect(await names('unfolded', 'count(metrics.loss) >= 1')).toBe('abce');
  });

  test('the children of a run, and runs by a name that few have', async () => {
    const experiment_id = experiments.folded as string;
    const parent = (await calls.createRun({ experiment_id, run_name: 'p', start_time: -5 })).run.info.run_id;
    const tags = [{ key: 'mlflow.parentRunId', value: parent }];
    for (const run_name of ['x', 'y', 'z']) await calls.createRun({ experiment_id, run_name, tags, start_time: -6 });
    const children = `tags.\`mlflow.parentRunId\` = '${parent}'`;
    expect(await names('folded', children, ['run_name DESC'])).toBe('zyx');
    expect(await names('folded', `${children} AND run_name != 'y'`, ['run_name'])).toBe('xz');
    expect(await names('folded', `run_name = 'p' AND start_time < 0`)).toBe('p');
    expect(await names('folded', `tags.\`mlflow.parentRunId\` = 'nobody'`)).toBe('');
  });

  test('run ids in lists', async () => {
    const experiment_ids = [experiments.folded as string];
    const runs = (await calls.searchRuns({ experiment_ids })).runs ?? [];
    const ids = runs.filter((run) => 'bc'.includes(run.info.run_name)).map((run) => `'${run.info.run_id}'`);
    expect(await names('folded', `attributes.run_id IN (${ids.join(', ')})`)).toBe('bc');
    expect(await names('folded', `run_id not in (${ids.join(',')}) and metrics.loss > 0`)).toBe('ae');
  });

  test('reads every text that is a number as one, of any size, and fails for none that is not', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'numbers' });
    const texts: Record<string, string> = {
      a: '1e-05',
      b: ' 12 ',
      c: '-0.5',
      d: '1.7976931348623157e+308',
      e: '1e999',
      f: '1e-999',
      g: '9'.repeat(400),
      h: 'nan',
      i: '',
      j: '[1]',
      k: '"1"',
      l: '0x10',
      m: '2.5E2',
    };
    for (const [run_name, value] of Object.entries(texts)) {
      const { run } = await calls.createRun({ experiment_id, run_name, start_time: 1 });
      await calls.logParam({ run_id: run.info.run_id, key: 'p', value });
    }
    const found = async (filter: string) => {
      const { runs } = await calls.searchRuns({ experiment_ids: [experiment_id], filter, order_by: ['run_name'] });
      return runs?.map(({ info }) => info.run_name).join('');
    };
    expect(await found('number(params.p) > 0.00001 AND number(params.p) < 1000')).toBe('bm');
    expect(await found('number(params.p) = 0.00001')).toBe('a');
    expect(await found('number(params.p) < 0')).toBe('c');
    const sorted: string[] = [];
    for (let page_token: string | undefined; ; ) {
      const page = await calls.searchRuns({
        experiment_ids: [experiment_id],
        // Smaller than any double: 0 to SQLite, no number to PostgreSQL.
        filter: "number(params.p) < 1000 AND run_name != 'f'",
        order_by: ['number(params.p) DESC'],
        max_results: 1,
        page_token,
      });
      sorted.push(page.runs?.[0]?.info.run_name ?? '');
      page_token = page.next_page_token;
      if (!page_token) break;
    }
    expect(sorted.join('')).toBe('mbac');
    for (const filter of [
      "number(params.p) > '1'",
      'number(params.p) LIKE 1',
      'number(metrics.loss) > 1',
      'number(status) > 1',
    ]) {
      await expect(calls.searchRuns({ experiment_ids: [experiment_id], filter })).rejects.toMatchObject({
        code: 'INVALID_PARAMETER_VALUE',
      });
    }
  });
});

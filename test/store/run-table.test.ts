/** Runs as a table reads them: rows of the asked columns, counts, whole columns, keys and values; folded or not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiCalls, MltrackError } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('tables of runs', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  const experiments: Record<string, string> = {};
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
    for (const kind of ['folded', 'unfolded', 'half']) experiments[kind] = await fill(kind);
  });
  afterAll(() => store.close());

  /** Four runs, the newest first: a has NaN, d nothing, one is deleted. `half`: what was folded has changed since. */
  async function fill(kind: string): Promise<string> {
    const { experiment_id } = await calls.createExperiment({ name: kind });
    const add = async (run_name: string, start_time: number, values: number[], optimizer: string) => {
      const { run } = await calls.createRun({ experiment_id, run_name, start_time, user_id: 'ana' });
      const { run_id } = run.info;
      await calls.logBatch({
        run_id,
        params: [
          { key: 'optimizer', value: optimizer },
          { key: 'a/b.c d', value: run_name },
        ],
        tags: [{ key: 'team', value: 'x'.repeat(start_time === 40 ? 300 : 1) }],
      });
      const metrics = values.map((value, step) => ({ key: 'val/loss', value, timestamp: 100 + step, step }));
      if (kind === 'half') {
        await calls.logBatch({ run_id, metrics: metrics.slice(0, 1) });
        await store.fold();
        await calls.logBatch({ run_id, metrics: metrics.slice(1) });
      } else {
        await calls.logBatch({ run_id, metrics });
      }
      return run_id;
    };
    await add('a', 40, [2, Number.NaN], 'adam');
    const b = await add('b', 30, [3, 1, 2], 'sgd');
    await add('c', 20, [5], 'adam');
    await calls.createRun({ experiment_id, run_name: 'd', start_time: 10 });
    await calls.updateRun({ run_id: b, status: 'FINISHED' });
    const gone = await add('gone', 50, [9], 'adam');
    await calls.deleteRun({ run_id: gone });
    if (kind === 'folded') await store.fold();
    return experiment_id;
  }

  const ofKind = (kind: string) => ({ experiment_ids: [experiments[kind] as string] });

  describe.each(['folded', 'unfolded', 'half'])('%s', (kind) => {
    test('rows have the facts and what the columns name, and nothing else', async () => {
      const columns = [
        'metrics.val/loss',
        'min(metrics.`val/loss`)',
        'params.optimizer',
        'params."a/b.c d"',
        'tags.no',
      ];
      const { runs = [] } = await calls.searchRunRows({ ...ofKind(kind), columns });
      expect(runs.map((run) => run.info.run_name)).toEqual(['a', 'b', 'c', 'd']);
      expect(runs[1]?.data).toEqual({
        metrics: [
          { key: 'val/loss', value: 2, timestamp: 102, step: 2 },
          { key: 'min(metrics.`val/loss`)', value: 1, timestamp: 102, step: 2 },
        ],
        params: [
          { key: 'optimizer', value: 'sgd' },
          { key: 'a/b.c d', value: 'b' },
        ],
      });
      expect(runs[0]?.data.metrics?.map(({ value }) => value)).toEqual([Number.NaN, 2]);
      expect(runs[3]?.data).toEqual({});
      expect(runs[1]?.info.status).toBe('FINISHED');
    });

    test('pages follow any order, and end', async () => {
      const names: string[] = [];
      let page_token: string | undefined;
      do {
        const page = await calls.searchRunRows({
          ...ofKind(kind),
          max_results: 2,
          order_by: ['max(metrics.`val/loss`) DESC'],
          ...(page_token && { page_token }),
        });
        names.push(...(page.runs ?? []).map((run) => run.info.run_name));
        page_token = page.next_page_token;
      } while (page_token);
      expect(names).toEqual(['c', 'b', 'a', 'd']);
    });

    test('counts are of each experiment too where that is asked for', async () => {
      const { experiments = [] } = await calls.countRuns({ ...ofKind(kind), by_experiment: true });
      expect(experiments).toEqual([{ experiment_id: expect.any(String), total: 4, running: 3, latest_start_time: 40 }]);
    });

    test('counts are of all runs that match, by status', async () => {
      expect(await calls.countRuns(ofKind(kind))).toEqual({
        total: 4,
        statuses: [
          { status: 'RUNNING', runs: 3 },
          { status: 'FINISHED', runs: 1 },
        ],
        latest_start_time: 40,
      });
      const filter = 'metrics.`val/loss` > 1.5';
      expect(await calls.countRuns({ ...ofKind(kind), filter })).toMatchObject({ total: 2, latest_start_time: 30 });
      expect(await calls.countRuns({ ...ofKind(kind), filter: "run_name = 'b'" })).toMatchObject({ total: 1 });
      expect(await calls.countRuns({ ...ofKind(kind), run_view_type: 'ALL' })).toMatchObject({ total: 5 });
      expect(await calls.countRuns({ ...ofKind(kind), filter: "params.optimizer = 'no'" })).toEqual({
        total: 0,
        statuses: [],
      });
    });

    test('whole columns say which runs have no value', async () => {
      const columns = ['metrics.val/loss', 'first(metrics.val/loss)', 'params.optimizer', 'run_name', 'end_time'];
      const { run_ids, columns: found } = await calls.getRunColumns({ ...ofKind(kind), columns });
      expect(run_ids).toHaveLength(4);
      expect(found).toEqual([
        { column: 'metrics.val/loss', numbers: [Number.NaN, 2, 5, Number.NaN], missing: [3] },
        { column: 'first(metrics.val/loss)', numbers: [2, 3, 5, Number.NaN], missing: [3] },
        { column: 'params.optimizer', texts: ['adam', 'sgd', 'adam', ''], missing: [3] },
        { column: 'run_name', texts: ['a', 'b', 'c', 'd'] },
        { column: 'end_time', texts: ['', '', '', ''], missing: [0, 1, 2, 3] },
      ]);
    });

    test('keys come by kind and by how many runs have them, with examples of values', async () => {
      const { looked_at, keys } = await calls.searchRunKeys(ofKind(kind));
      expect(looked_at).toBe(4);
      expect(keys.map(({ kind, key, runs }) => [kind, key, runs])).toEqual([
        ['PARAM', 'a/b.c d', 3],
        ['PARAM', 'optimizer', 3],
        ['METRIC', 'val/loss', 3],
        ['TAG', 'mlflow.runName', 4],
        ['TAG', 'team', 3],
      ]);
      expect(keys[1]).toMatchObject({ distinct_values: 2, examples: ['adam', 'sgd'] });
      expect(keys[4]).toMatchObject({ distinct_values: 2, examples: ['x'] });
      const some = await calls.searchRunKeys({ ...ofKind(kind), kinds: ['METRIC', 'TAG'], contains: 'LOS' });
      expect(some.keys.map(({ key }) => key)).toEqual(['val/loss']);
      const first = await calls.searchRunKeys({ ...ofKind(kind), max_results: 1 });
      expect(first.keys.map(({ key }) => key)).toEqual(['a/b.c d', 'val/loss', 'mlflow.runName']);
    });

    test('values come by how many runs have them', async () => {
      const valuesOf = async (column: string, contains?: string) =>
        (await calls.searchRunValues({ ...ofKind(kind), column, ...(contains && { contains }) })).values;
      expect(await valuesOf('params.optimizer')).toEqual([
        { value: 'adam', runs: 2 },
        { value: 'sgd', runs: 1 },
      ]);
      expect(await valuesOf('params.optimizer', 'G')).toEqual([{ value: 'sgd', runs: 1 }]);
      expect(await valuesOf('status')).toEqual([
        { value: 'RUNNING', runs: 3 },
        { value: 'FINISHED', runs: 1 },
      ]);
      expect(await valuesOf('tags.nowhere')).toEqual([]);
    });
  });

  test('a column that is asked for twice is there once in rows', async () => {
    const columns = ['params.optimizer', 'param.`optimizer`'];
    const { runs = [] } = await calls.searchRunRows({ ...ofKind('folded'), columns });
    expect(runs[0]?.data.params).toEqual([{ key: 'optimizer', value: 'adam' }]);
  });

  test.each([
    ['nothing.loss', /Invalid entity type 'nothing'/],
    ['loss', /Invalid attribute key 'loss'/],
    ['metrics.', /Invalid column/],
    ['metrics.`loss', /Invalid column/],
    ['median(metrics.loss)', /Invalid function 'median'/],
    ['min(params.lr)', /Invalid function 'min'/],
    ['', /Invalid column/],
  ])('the column %j is refused', async (column, message) => {
    const refusal = await calls.searchRunRows({ ...ofKind('folded'), columns: [column] }).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    expect((refusal as MltrackError).message).toMatch(message);
  });

  test('limits are told', async () => {
    const refused = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    const columns = Array.from({ length: 101 }, (_, i) => `params.p${i}`);
    await refused(calls.searchRunRows({ ...ofKind('folded'), columns }));
    await refused(calls.searchRunRows({ ...ofKind('folded'), max_results: 1001 }));
    await refused(calls.getRunColumns({ ...ofKind('folded'), max_results: 10_001 }));
    await refused(calls.searchRunKeys({ ...ofKind('folded'), max_results: 0 }));
    await refused(calls.searchRunValues({ ...ofKind('folded'), column: 'metrics.loss' }));
    await refused(calls.searchRunValues({ ...ofKind('folded'), column: 'start_time' }));
    await refused(calls.countRuns({ ...ofKind('folded'), filter: 'metrics.loss >' }));
  });

  test('experiments that are not there have no runs', async () => {
    const none = { experiment_ids: ['987654'] };
    expect(await calls.searchRunRows(none)).toEqual({});
    expect(await calls.searchRunRows({})).toEqual({});
    expect(await calls.countRuns({})).toEqual({ total: 0, statuses: [] });
    expect(await calls.getRunColumns({ ...none, columns: ['metrics.m'] })).toEqual({
      run_ids: [],
      columns: [{ column: 'metrics.m', numbers: [] }],
    });
    expect(await calls.searchRunKeys(none)).toEqual({ looked_at: 0, keys: [] });
  });
});

/** Traces as clients of MLflow 3 and of MLflow 2 log, find, link and delete them. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApiCalls, TraceInfo } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('traces', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  let experiment_id: string;
  let made = 0;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    experiment_id = (await calls.createExperiment({ name: `traces ${made++}` })).experiment_id;
  });

  const START = Date.parse('2026-01-02T03:04:05.000Z');
  const at = (ms: number) => new Date(START + ms).toISOString().replace('.000Z', 'Z');
  const location = (id = experiment_id) => ({
    type: 'MLFLOW_EXPERIMENT' as const,
    mlflow_experiment: { experiment_id: id },
  });

  /** A trace that began `ms` after START. */
  async function start(ms: number, more: Partial<TraceInfo> = {}): Promise<TraceInfo> {
    const trace_info = {
      trace_id: `tr-${experiment_id}-${ms}`,
      trace_location: location(),
      request_time: at(ms),
      execution_duration: '0.250s',
      state: 'OK' as const,
      ...more,
    };
    return (await calls.startTrace({ trace: { trace_info } })).trace.trace_info;
  }

  async function found(filter?: string, order_by: string[] = []): Promise<string[]> {
    const { traces = [] } = await calls.searchTraces({
      locations: [location()],
      ...(filter !== undefined && { filter }),
      order_by,
    });
    return traces.map(({ trace_id }) => trace_id);
  }

  test('a trace comes back as it was logged, and knows where its spans go', async () => {
    const given = {
      client_request_id: 'client-1',
      request_preview: '{"q": "why?"}',
      response_preview: '"because"',
      trace_metadata: { 'mlflow.source.type': 'LOCAL', user: 'ünal' },
      tags: { 'mlflow.traceName': 'answer', __proto__x: 'y' },
    };
    const info = await start(1, given);
    const { experiment } = await calls.getExperiment({ experiment_id });
    expect(info).toEqual({
      trace_id: `tr-${experiment_id}-1`,
      trace_location: location(),
      request_time: '2026-01-02T03:04:05.001Z',
      execution_duration: '0.250s',
      state: 'OK',
      ...given,
      trace_metadata: { ...given.trace_metadata, 'mlflow.trace.infoFinalized': 'true' },
      tags: {
        ...given.tags,
        'mlflow.artifactLocation': `${experiment.artifact_location}/traces/${info.trace_id}/artifacts`,
      },
    });
    expect((await calls.getTraceInfo({ trace_id: info.trace_id })).trace.trace_info).toEqual(info);
  });

  test('a trace that comes again is brought up to date, and keeps what is not said again', async () => {
    const assessments = [{ assessment_name: 'good', feedback: { value: true } }];
    await start(1, { request_preview: 'in', tags: { a: '1', b: '1' }, state: 'IN_PROGRESS', assessments });
    const info = await start(1, { response_preview: 'out', tags: { b: '2' }, execution_duration: '12s' });
    expect(info).toMatchObject({ state: 'OK', request_preview: 'in', response_preview: 'out' });
    expect(info.execution_duration).toBe('12s');
    expect(info.tags).toMatchObject({ a: '1', b: '2' });
    expect(info.assessments).toMatchObject([{ ...assessments[0], trace_id: info.trace_id, valid: true }]);
  });

  test('what cannot be a trace is refused', async () => {
    for (const trace_id of ['../up', 'a/b', '', 'x'.repeat(251)]) {
      await expect(start(1, { trace_id }), trace_id).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    }
    await expect(start(1, { request_time: 'yesterday' })).rejects.toThrow(/request_time/);
    await expect(start(1, { execution_duration: '5' })).rejects.toThrow(/execution_duration/);
    await expect(start(1, { trace_location: {} })).rejects.toThrow(/must lie in an experiment/);
    await expect(start(1, { trace_location: location('987654') })).rejects.toThrow(/No Experiment with id=987654/);
    await calls.deleteExperiment({ experiment_id });
    await expect(start(1)).rejects.toThrow(/must be in the 'active' state/);
    await expect(calls.getTraceInfo({ trace_id: 'tr-none' })).rejects.toThrow("Trace with ID 'tr-none' not found.");
  });

  test('infos are read by ids, in their order; spans are not with the server', async () => {
    const [one, two] = [await start(1), await start(2)];
    const trace_ids = [two.trace_id, 'tr-none', one.trace_id, two.trace_id];
    expect(await calls.batchGetTraceInfos({ trace_ids })).toEqual({ trace_infos: [two, one] });
    expect(await calls.batchGetTraceInfos({ trace_ids, experiment_ids: ['0'] })).toEqual({});
    expect(await calls.batchGetTraces({ trace_ids })).toEqual({});
    await expect(calls.getTrace({ trace_id: one.trace_id })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: expect.stringContaining('is not fully exported yet'),
    });
    expect((await calls.getTrace({ trace_id: one.trace_id, allow_partial: true })).trace.trace_info).toEqual(one);
  });

  test('pages go from the newest to the oldest, each trace once', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++)
      ids.push((await start(Math.floor(i / 2) * 10, { trace_id: `p${experiment_id}-${i}` })).trace_id);
    const seen: string[] = [];
    let page_token: string | undefined;
    do {
      const page = await calls.searchTraces({
        locations: [location()],
        max_results: 2,
        ...(page_token !== undefined && { page_token }),
      });
      seen.push(...(page.traces ?? []).map(({ trace_id }) => trace_id));
      page_token = page.next_page_token;
    } while (page_token !== undefined);
    const [a, b, c, d, e, f, g] = ids;
    expect(seen).toEqual([g, e, f, c, d, a, b]);
    await expect(calls.searchTraces({ locations: [location()], max_results: 501 })).rejects.toThrow(/at most 500/);
    await expect(calls.searchTraces({ locations: [] })).rejects.toThrow(/required parameter 'locations'/);
  });

  test('filters and orders', async () => {
    const run = (await calls.createRun({ experiment_id })).run.info.run_id;
    const [a, b, c] = [
      await start(1, { tags: { 'mlflow.traceName': 'alpha', team: 'red' }, client_request_id: 'c1' }),
      await start(2, { tags: { 'mlflow.traceName': 'beta' }, state: 'ERROR', execution_duration: '2s' }),
      await start(3, { trace_metadata: { 'mlflow.sourceRun': run, lang: 'de' }, state: 'IN_PROGRESS' }),
    ].map(({ trace_id }) => trace_id) as [string, string, string];
    expect(await found()).toEqual([c, b, a]);
    expect(await found("status = 'ERROR'")).toEqual([b]);
    expect(await found("trace.status IN ('OK', 'ERROR')")).toEqual([b, a]);
    expect(await found(`timestamp > ${START + 1} AND attributes.timestamp_ms <= ${START + 2}`)).toEqual([b]);
    expect(await found('execution_time_ms >= 2000')).toEqual([b]);
    expect(await found(`end_time < ${START + 2000}`)).toEqual([c, a]);
    expect(await found("name ILIKE 'ALP%'")).toEqual([a]);
    expect(await found("tags.team = 'red' OR metadata.lang = 'de'")).toEqual([c, a]);
    expect(await found('tag.team IS NULL')).toEqual([c, b]);
    expect(await found('request_metadata.`lang` IS NOT NULL')).toEqual([c]);
    expect(await found("client_request_id = 'c1'")).toEqual([a]);
    expect(await found(`request_id != '${a}'`)).toEqual([c, b]);
    expect(await found(`run_id = '${run}'`)).toEqual([c]);
    expect(await found(`metadata.\`mlflow.sourceRun\` = '${run}'`)).toEqual([c]);
    expect(await found(undefined, ['name DESC'])).toEqual([b, a, c]);
    expect(await found(undefined, ['status', 'timestamp ASC'])).toEqual([b, c, a]);
    expect(await found(undefined, ['execution_time DESC'])).toEqual([b, c, a]);
  });

  test.each([
    ["color = 'x'", /Invalid attribute key 'color' specified. Valid keys are/],
    ["planet.color = 'x'", /Invalid entity type 'planet'. Valid values are/],
    ["status > 'OK'", /Invalid comparator '>' not one of/],
    ["timestamp = 'x'", /Expected numeric value type/],
    ['tags.a = 1', /Expected a quoted string value for tag/],
    ["span.name = 'x'", /does not search traces by 'span.'/],
    ["prompt LIKE 'x'", /Invalid comparator 'LIKE' for prompts filter/],
    ["prompt = 'x'", /Invalid prompts filter value 'x'/],
    ["status = 'x' status", /Invalid clause/],
  ])('the filter %s is refused', async (filter, message) => {
    await expect(found(filter)).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(message),
    });
  });

  test('tags are set, cut and removed; some are the server’s own', async () => {
    const { trace_id } = await start(1);
    const tags = async () => (await calls.getTraceInfo({ trace_id })).trace.trace_info.tags;
    await calls.setTraceTag({ trace_id, key: 'k', value: '1' });
    await calls.setOlderTraceTag({ request_id: trace_id, key: 'k', value: 'v'.repeat(5000) });
    expect((await tags())?.k).toHaveLength(4096);
    await calls.deleteTraceTag({ trace_id, key: 'k' });
    await expect(calls.deleteOlderTraceTag({ request_id: trace_id, key: 'k' })).rejects.toThrow(
      `No trace tag with key 'k' for trace with ID '${trace_id}'`,
    );
    await expect(calls.setTraceTag({ trace_id, key: 'mlflow.trace.spansLocation', value: 'x' })).rejects.toThrow(
      "Tag 'mlflow.trace.spansLocation' is immutable and cannot be set on a trace.",
    );
    await expect(calls.setTraceTag({ trace_id: 'tr-none', key: 'k', value: 'x' })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });

  test('traces are linked to runs and prompts, also before they are there', async () => {
    const run_id = (await calls.createRun({ experiment_id })).run.info.run_id;
    await calls.linkTracesToRun({ trace_ids: [`tr-${experiment_id}-2`], run_id });
    const [one, two] = [await start(1), await start(2)];
    await calls.linkTracesToRun({ trace_ids: [one.trace_id, two.trace_id], run_id });
    expect(await found(`run_id = '${run_id}'`)).toEqual([two.trace_id, one.trace_id]);
    await calls.linkPromptsToTrace({ trace_id: one.trace_id, prompt_versions: [{ name: 'greet', version: '2' }] });
    expect(await found("prompt = 'greet/2'")).toEqual([one.trace_id]);
    const many = Array.from({ length: 101 }, (_, i) => `tr-${i}`);
    await expect(calls.linkTracesToRun({ trace_ids: many, run_id })).rejects.toThrow(
      'Cannot link more than 100 traces to a run in a single request. Provided 101 traces.',
    );
  });

  test('traces are deleted by ids, or up to a time, the oldest first', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push((await start(i, { tags: { a: 'b' }, trace_metadata: { c: 'd' } })).trace_id);
    const request_ids = [ids[5] as string, 'tr-none'];
    expect(await calls.deleteTraces({ experiment_id: '0', request_ids })).toEqual({ traces_deleted: 0 });
    expect(await calls.deleteTraces({ experiment_id, request_ids })).toEqual({ traces_deleted: 1 });
    const until = { experiment_id, max_timestamp_millis: START + 3 };
    expect(await calls.deleteTraces({ ...until, max_traces: 1 })).toEqual({ traces_deleted: 1 });
    expect(await calls.deleteOlderTraces(until)).toEqual({ traces_deleted: 3 });
    expect(await found()).toEqual([ids[4]]);
  });

  test.each([
    [{}, 'Either `max_timestamp_millis` or `trace_ids` must be specified.'],
    [{ max_timestamp_millis: 1, request_ids: ['a'] }, 'Only one of `max_timestamp_millis` and `trace_ids`'],
    [{ max_traces: 1, request_ids: ['a'] }, "`max_traces` can't be specified if `trace_ids` is specified."],
    [{ max_timestamp_millis: 1, max_traces: 0 }, '`max_traces` must be a positive integer, received 0.'],
  ])('a deletion of %j is refused', async (request, message) => {
    await expect(calls.deleteTraces({ experiment_id, ...request })).rejects.toThrow(message);
  });

  test('clients of MLflow 2 begin a trace, end it and find it', async () => {
    const { trace_info } = await calls.startOlderTrace({
      experiment_id,
      timestamp_ms: START,
      request_metadata: [{ key: 'm', value: '1' }],
      tags: [{ key: 'mlflow.traceName', value: 'old' }],
    });
    const { request_id } = trace_info;
    expect(trace_info).toMatchObject({
      experiment_id,
      timestamp_ms: START,
      execution_time_ms: 0,
      status: 'IN_PROGRESS',
    });
    const ended = await calls.endOlderTrace({
      request_id,
      timestamp_ms: START + 75,
      status: 'OK',
      request_metadata: [{ key: 'n', value: '2' }],
      tags: [{ key: 't', value: '3' }],
    });
    expect(ended.trace_info).toMatchObject({
      execution_time_ms: 75,
      status: 'OK',
      request_metadata: [
        { key: 'm', value: '1' },
        { key: 'n', value: '2' },
      ],
    });
    expect(ended.trace_info.tags?.map(({ key }) => key)).toEqual(['mlflow.artifactLocation', 'mlflow.traceName', 't']);
    expect(await calls.getOlderTraceInfo({ request_id })).toEqual(ended);
    const page = await calls.searchOlderTraces({ experiment_ids: [experiment_id], filter: "attributes.status = 'OK'" });
    expect(page).toEqual({ traces: [ended.trace_info] });
    expect(await found("name = 'old'")).toEqual([request_id]);
    await expect(calls.endOlderTrace({ request_id: 'none', status: 'OK' })).rejects.toThrow(
      "Trace with ID 'none' not found.",
    );
  });
});

/** Assessments of traces: made, read, changed, overridden and removed. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApiCalls, Assessment } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('assessments', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  let trace_id: string;
  let made = 0;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    trace_id = `tr-${made++}`;
    const trace_location = { mlflow_experiment: { experiment_id: '0' } };
    await calls.startTrace({
      trace: { trace_info: { trace_id, trace_location, request_time: '2026-01-02T03:04:05Z' } },
    });
  });

  const feedback: Assessment = {
    assessment_name: 'correct',
    source: { source_type: 'HUMAN', source_id: 'jo@example.com' },
    feedback: { value: true },
    rationale: 'It is.',
    metadata: { project: 'x' },
  };
  const add = async (assessment: Assessment = feedback) =>
    (await calls.createAssessment({ trace_id, assessment })).assessment;
  const all = async () => (await calls.getTraceInfo({ trace_id })).trace.trace_info.assessments ?? [];

  test('one comes back by its id, and with its trace', async () => {
    const created = await add();
    expect(created).toEqual({
      ...feedback,
      assessment_id: expect.stringMatching(/^a-[0-9a-f]{32}$/),
      trace_id,
      create_time: expect.stringMatching(/Z$/),
      last_update_time: created.create_time,
      valid: true,
    });
    const expectation = await add({ assessment_name: 'answer', expectation: { value: { a: [1, null, 'x'] } } });
    const assessment_id = expectation.assessment_id as string;
    expect((await calls.getAssessment({ trace_id, assessment_id })).assessment).toEqual(expectation);
    expect(await all()).toEqual([created, expectation]);
  });

  test('an update changes what its mask names, and adds metadata', async () => {
    const assessment_id = (await add()).assessment_id as string;
    const { assessment } = await calls.updateAssessment({
      trace_id,
      assessment_id,
      assessment: { assessment_name: 'right', feedback: { value: 0.5 }, rationale: 'ignored', metadata: { more: 'y' } },
      update_mask: 'assessmentName,feedback,metadata',
    });
    expect(assessment).toMatchObject({
      assessment_name: 'right',
      feedback: { value: 0.5 },
      rationale: 'It is.',
      metadata: { project: 'x', more: 'y' },
    });
    expect(await all()).toEqual([assessment]);
    await expect(
      calls.updateAssessment({
        trace_id,
        assessment_id,
        assessment: { expectation: { value: 1 } },
        update_mask: 'expectation',
      }),
    ).rejects.toThrow('Cannot update expectation value on a Feedback assessment.');
  });

  test('one that overrides another makes it invalid, until it is removed', async () => {
    const first = (await add()).assessment_id as string;
    const second = (await add({ ...feedback, overrides: first })).assessment_id as string;
    expect((await all()).map(({ valid }) => valid)).toEqual([false, true]);
    await calls.deleteAssessment({ trace_id, assessment_id: second });
    await calls.deleteAssessment({ trace_id, assessment_id: second });
    expect(await all()).toMatchObject([{ assessment_id: first, valid: true }]);
    await calls.deleteAssessment({ trace_id, assessment_id: first });
    expect(await all()).toEqual([]);
  });

  test('what cannot be is refused', async () => {
    await expect(add({ assessment_name: 'nothing' })).rejects.toThrow('Unknown assessment type: None');
    await expect(add({ ...feedback, expectation: { value: 1 } })).rejects.toThrow(/Exactly one of/);
    await expect(add({ ...feedback, overrides: 'a-none' })).rejects.toThrow(
      `Assessment with ID 'a-none' not found for trace '${trace_id}'`,
    );
    await add({ ...feedback, assessment_id: 'a-1' });
    await expect(add({ ...feedback, assessment_id: 'a-1' })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(calls.getAssessment({ trace_id, assessment_id: 'a-2' })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
    await expect(calls.getAssessment({ trace_id: 'none', assessment_id: 'a-1' })).rejects.toThrow(
      "Trace with request_id 'none' not found",
    );
    await expect(calls.createAssessment({ trace_id: 'none', assessment: feedback })).rejects.toThrow(
      "Trace with ID 'none' not found.",
    );
  });
});

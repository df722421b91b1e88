/** Assessments: a trace keeps its own, in the order they came. Source: `mlflow/store/tracking/sqlalchemy_store.py`. */
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../../api/endpoint.js';
import { type Assessment, invalid, missing } from '../../../api/index.js';
import type { assessments as table } from '../../../api/traces/assessments.js';
import { timeOf } from '../../../api/traces/types.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { findTrace, type TraceRow } from './rows.js';

/** Of one trace: each change writes them all. */
const MOST = 1000;

export const assessments: Handlers<typeof table, StoreContext> = {
  async createAssessment({ trace_id, assessment }, ctx) {
    const row = await findTrace(ctx, trace_id, 'update');
    const before = assessmentsOf(row);
    if (before.length >= MOST) throw invalid(`A trace has at most ${MOST} assessments.`);
    const created = asStored(ctx, trace_id, assessment);
    if (before.some((each) => each.assessment_id === created.assessment_id)) {
      throw invalid(`Failed to create assessment for trace '${trace_id}' due to a constraint violation.`);
    }
    const { overrides } = created;
    if (overrides && !before.some((each) => each.assessment_id === overrides)) throw notFound(overrides, trace_id);
    const others = before.map((each) => (each.assessment_id === overrides ? { ...each, valid: false } : each));
    await write(ctx, row, [...others, created]);
    return { assessment: created };
  },

  async getAssessment({ trace_id, assessment_id }, ctx) {
    const row = await ctx.db.get<TraceRow>(sql`select * from traces where request_id = ${trace_id}`);
    if (!row) throw missing(`Trace with request_id '${trace_id}' not found`);
    return { assessment: pick(row, assessment_id) };
  },

  async updateAssessment({ trace_id, assessment_id, assessment, update_mask }, ctx) {
    const row = await findTrace(ctx, trace_id, 'update');
    const before = pick(row, assessment_id);
    const after = changed(before, assessment, fieldsOf(update_mask));
    after.last_update_time = timeOf(ctx.now());
    await write(
      ctx,
      row,
      assessmentsOf(row).map((each) => (each.assessment_id === assessment_id ? after : each)),
    );
    return { assessment: after };
  },

  async deleteAssessment({ trace_id, assessment_id }, ctx) {
    const row = await ctx.db.get<TraceRow>(
      sql`select * from traces where request_id = ${trace_id} ${ctx.db.dialect.forUpdate}`,
    );
    const before = row ? assessmentsOf(row) : [];
    const gone = before.find((each) => each.assessment_id === assessment_id);
    if (!row || !gone) return {};
    const left = before.filter((each) => each !== gone);
    await write(
      ctx,
      row,
      left.map((each) => (each.assessment_id === gone.overrides ? { ...each, valid: true } : each)),
    );
    return {};
  },
};

export const assessmentsOf = (row: TraceRow): Assessment[] =>
  row.assessments === null ? [] : (JSON.parse(row.assessments) as Assessment[]);

/** With its id, its trace and its times. Throws INVALID_PARAMETER_VALUE when it says not exactly one thing. */
export function asStored(ctx: StoreContext, traceId: string, given: Assessment): Assessment {
  const said = [given.feedback, given.expectation, given.issue].filter((each) => each !== undefined);
  if (said.length === 0) throw invalid('Unknown assessment type: None');
  if (said.length > 1) {
    throw invalid('Exactly one of `expectation`, `feedback`, or `issue` should be specified.');
  }
  const now = timeOf(ctx.now());
  return {
    ...given,
    assessment_id: given.assessment_id || `a-${randomUUID().replaceAll('-', '')}`,
    trace_id: traceId,
    create_time: given.create_time ?? now,
    last_update_time: given.last_update_time ?? now,
    valid: given.valid ?? true,
  };
}

function pick(row: TraceRow, id: string): Assessment {
  const found = assessmentsOf(row).find((each) => each.assessment_id === id);
  if (!found) throw notFound(id, row.request_id);
  return found;
}

const notFound = (id: string, traceId: string) =>
  missing(`Assessment with ID '${id}' not found for trace '${traceId}'`);

/** A field mask in protobuf's JSON: names with commas, which may be lowerCamelCase. Others than these are ignored, as MLflow does. */
const fieldsOf = (mask: string): Set<string> =>
  new Set(mask.split(',').map((name) => name.trim().replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));

function changed(before: Assessment, given: Assessment, fields: ReadonlySet<string>): Assessment {
  const { feedback, expectation } = given;
  if (fields.has('expectation') && fields.has('feedback')) {
    throw invalid('Cannot specify both `expectation` and `feedback` parameters.');
  }
  if (fields.has('expectation') && !before.expectation) {
    throw invalid('Cannot update expectation value on a Feedback assessment.');
  }
  if (fields.has('feedback') && !before.feedback) {
    throw invalid('Cannot update feedback value on an Expectation assessment.');
  }
  const after = { ...before };
  if (fields.has('assessment_name') && given.assessment_name) after.assessment_name = given.assessment_name;
  if (fields.has('expectation') && expectation) after.expectation = expectation;
  if (fields.has('feedback') && feedback) after.feedback = feedback;
  if (fields.has('rationale') && given.rationale !== undefined) after.rationale = given.rationale;
  if (fields.has('metadata')) after.metadata = { ...before.metadata, ...given.metadata };
  return after;
}

async function write(ctx: StoreContext, row: TraceRow, list: readonly Assessment[]): Promise<void> {
  const data = list.length === 0 ? null : JSON.stringify(list);
  await ctx.db.run(sql`update traces set assessments = ${data} where id = ${row.id}`);
}

/** Assessments of traces: what people, judges or code say about them. */
import { endpoint } from '../endpoint.js';
import { Empty } from '../scalars.js';
import { bool, id, message, type Output, one, required, string } from '../schema.js';
import { object, textMap, timestamp } from './types.js';

export const Assessment = message('Assessment', {
  assessment_id: string('made up where none is given'),
  assessment_name: string(),
  trace_id: id(),
  span_id: string(),
  source: one(message('AssessmentSource', { source_type: string('HUMAN, LLM_JUDGE or CODE'), source_id: string() })),
  create_time: timestamp('default: now'),
  last_update_time: timestamp('default: now'),
  feedback: object('value, and an error where there is one; of feedback, expectation and issue there is one'),
  expectation: object('value or serialized_value'),
  issue: object(),
  rationale: string(),
  metadata: textMap(),
  overrides: string('the id of the assessment that it replaces'),
  valid: bool('false once another one overrides it'),
});
export type Assessment = Output<typeof Assessment>;

const Response = message('AssessmentResponse', { assessment: required(one(Assessment)) });
const AssessmentId = message('AssessmentId', { trace_id: required(id()), assessment_id: required(string()) });

export const assessments = {
  createAssessment: endpoint(
    'POST',
    '/3.0/mlflow/traces/{trace_id}/assessments',
    'write',
    'Adds an assessment to a trace. One that overrides another makes it invalid.',
    message('CreateAssessment', { trace_id: required(id()), assessment: required(one(Assessment)) }),
    Response,
  ),
  getAssessment: endpoint(
    'GET',
    '/3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}',
    'read',
    'The assessment.',
    AssessmentId,
    Response,
  ),
  updateAssessment: endpoint(
    'PATCH',
    '/3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}',
    'write',
    'Changes the fields that the mask names; metadata are added to those that are there.',
    message('UpdateAssessment', {
      ...AssessmentId.shape,
      assessment: required(one(Assessment)),
      update_mask: required(string('of assessment_name, expectation, feedback, rationale and metadata, with commas')),
    }),
    Response,
  ),
  deleteAssessment: endpoint(
    'DELETE',
    '/3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}',
    'write',
    'Removes the assessment, if it is there. One that it overrode is valid again.',
    AssessmentId,
    Empty,
  ),
};

/** Traces: what happened inside one request to an application, in spans. The server keeps what is known of a trace; clients store its spans as the artifact `traces.json`. */

import { endpoint } from '../endpoint.js';
import { Empty } from '../scalars.js';
import {
  bool,
  enumeration,
  id,
  integer,
  list,
  listOf,
  message,
  type Output,
  one,
  required,
  someOf,
  string,
  withDefault,
} from '../schema.js';
import { Assessment } from './assessments.js';
import { duration, objects, textMap, timestamp } from './types.js';

export const TRACE_STATE = { STATE_UNSPECIFIED: 0, OK: 1, ERROR: 2, IN_PROGRESS: 3 } as const;
export type TraceState = keyof typeof TRACE_STATE;

const TraceLocation = message('TraceLocation', {
  type: enumeration({ TRACE_LOCATION_TYPE_UNSPECIFIED: 0, MLFLOW_EXPERIMENT: 1, INFERENCE_TABLE: 2 }),
  mlflow_experiment: one(message('MlflowExperimentLocation', { experiment_id: required(id()) })),
});

export const TraceInfo = message('TraceInfo', {
  trace_id: required(id('letters, digits, _, - and ., at most 250')),
  client_request_id: string(),
  trace_location: required(one(TraceLocation, 'an experiment')),
  request_preview: string(),
  response_preview: string(),
  request_time: required(timestamp()),
  execution_duration: duration(),
  state: enumeration(TRACE_STATE),
  trace_metadata: textMap('stays as it was logged; keys and values are cut at 250 characters'),
  tags: textMap('mlflow.artifactLocation is where the spans lie; values are cut at 4,096 characters'),
  assessments: someOf(Assessment),
});
export type TraceInfo = Output<typeof TraceInfo>;

const Trace = message('Trace', { trace_info: required(one(TraceInfo)), spans: objects() });
const TraceResponse = message('TraceResponse', { trace: required(one(Trace)) });
const TraceId = message('TraceId', { trace_id: required(id()) });

const batch = {
  trace_ids: list(id()),
  experiment_ids: list(id(), 'only traces of these'),
};

export const traces = {
  startTrace: endpoint(
    'POST',
    '/3.0/mlflow/traces',
    'write',
    'Records a trace, which has ended by then. One that is there already is brought up to date.',
    message('StartTrace', { trace: required(one(Trace)) }),
    TraceResponse,
  ),
  getTraceInfo: endpoint(
    'GET',
    '/3.0/mlflow/traces/{trace_id}',
    'read',
    'What is known of the trace, without its spans.',
    TraceId,
    TraceResponse,
  ),
  getTrace: endpoint(
    'GET',
    '/3.0/mlflow/traces/get',
    'read',
    'The trace, if its spans were sent to the server itself; those of artifacts are read there.',
    message('GetTrace', { trace_id: required(id()), allow_partial: bool('also without spans') }),
    TraceResponse,
  ),
  batchGetTraces: endpoint(
    'GET',
    '/3.0/mlflow/traces/batchGet',
    'search',
    'The traces of these ids whose spans were sent to the server itself.',
    message('BatchGetTraces', batch),
    message('BatchGetTracesResponse', { traces: someOf(Trace) }),
  ),
  batchGetTraceInfos: endpoint(
    'POST',
    '/3.0/mlflow/traces/batchGetInfos',
    'search',
    'What is known of the traces of these ids, without their spans. Ids of none are left out.',
    message('BatchGetTraceInfos', batch),
    message('BatchGetTraceInfosResponse', { trace_infos: someOf(TraceInfo) }),
  ),
  searchTraces: endpoint(
    'POST',
    '/3.0/mlflow/traces/search',
    'search',
    'Traces of the given experiments, page by page. Default order: timestamp_ms DESC, request_id.',
    message('SearchTraces', {
      locations: listOf(TraceLocation),
      filter: string(),
      max_results: integer('1 to 500; default 100'),
      order_by: list(string()),
      page_token: string(),
    }),
    message('SearchTracesResponse', { traces: someOf(TraceInfo), next_page_token: string() }),
  ),
  deleteTraces: endpoint(
    'POST',
    '/3.0/mlflow/traces/delete-traces',
    'write',
    'Deletes traces of an experiment, by ids or up to a time, the oldest first. Their artifacts stay.',
    message('DeleteTraces', {
      experiment_id: required(id()),
      max_timestamp_millis: integer(),
      max_traces: integer(),
      request_ids: list(id()),
    }),
    message('DeleteTracesResponse', { traces_deleted: required(integer()) }),
  ),
  setTraceTag: endpoint(
    'PATCH',
    '/3.0/mlflow/traces/{trace_id}/tags',
    'write',
    'Sets a tag, replacing its value.',
    message('SetTraceTag', { trace_id: required(id()), key: required(string()), value: withDefault(string(), '') }),
    Empty,
  ),
  deleteTraceTag: endpoint(
    'DELETE',
    '/3.0/mlflow/traces/{trace_id}/tags',
    'write',
    'Removes a tag.',
    message('DeleteTraceTag', { trace_id: required(id()), key: required(string()) }),
    Empty,
  ),
};

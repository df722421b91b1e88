/** The endpoints of traces that clients of MLflow 2 use, and those that newer ones still ask under the old version. */
import { endpoint } from '../endpoint.js';
import { Empty, KeyValue } from '../scalars.js';
import {
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
import { traces } from './traces.js';

export const TRACE_STATUS = { TRACE_STATUS_UNSPECIFIED: 0, OK: 1, ERROR: 2, IN_PROGRESS: 3 } as const;

export const OlderTraceInfo = message('OlderTraceInfo', {
  request_id: required(string()),
  experiment_id: required(string()),
  timestamp_ms: required(integer()),
  execution_time_ms: required(integer('0 while it runs')),
  status: required(enumeration(TRACE_STATUS)),
  request_metadata: someOf(KeyValue),
  tags: someOf(KeyValue),
});
export type OlderTraceInfo = Output<typeof OlderTraceInfo>;

const InfoResponse = message('OlderTraceInfoResponse', { trace_info: required(one(OlderTraceInfo)) });

export const olderTraces = {
  startOlderTrace: endpoint(
    'POST',
    '/2.0/mlflow/traces',
    'write',
    'Records a trace that begins; its id is made up.',
    message('StartOlderTrace', {
      experiment_id: id('Default: "0"'),
      timestamp_ms: integer(),
      request_metadata: listOf(KeyValue),
      tags: listOf(KeyValue),
    }),
    InfoResponse,
  ),
  endOlderTrace: endpoint(
    'PATCH',
    '/2.0/mlflow/traces/{request_id}',
    'write',
    'Records that a trace has ended, adding metadata and tags.',
    message('EndOlderTrace', {
      request_id: required(id()),
      timestamp_ms: integer(),
      status: enumeration(TRACE_STATUS),
      request_metadata: listOf(KeyValue),
      tags: listOf(KeyValue),
    }),
    InfoResponse,
  ),
  getOlderTraceInfo: endpoint(
    'GET',
    '/2.0/mlflow/traces/{request_id}/info',
    'read',
    'What is known of the trace.',
    message('OlderTraceId', { request_id: required(id()) }),
    InfoResponse,
  ),
  searchOlderTraces: endpoint(
    'GET',
    '/2.0/mlflow/traces',
    'search',
    'Traces of the given experiments, page by page.',
    message('SearchOlderTraces', {
      experiment_ids: list(id()),
      filter: string(),
      max_results: integer('1 to 500; default 100'),
      order_by: list(string()),
      page_token: string(),
    }),
    message('SearchOlderTracesResponse', { traces: someOf(OlderTraceInfo), next_page_token: string() }),
  ),
  deleteOlderTraces: endpoint(
    'POST',
    '/2.0/mlflow/traces/delete-traces',
    'write',
    'As deleteTraces.',
    traces.deleteTraces.request,
    traces.deleteTraces.response,
  ),
  setOlderTraceTag: endpoint(
    'PATCH',
    '/2.0/mlflow/traces/{request_id}/tags',
    'write',
    'As setTraceTag.',
    message('SetOlderTraceTag', {
      request_id: required(id()),
      key: required(string()),
      value: withDefault(string(), ''),
    }),
    Empty,
  ),
  deleteOlderTraceTag: endpoint(
    'DELETE',
    '/2.0/mlflow/traces/{request_id}/tags',
    'write',
    'As deleteTraceTag.',
    message('DeleteOlderTraceTag', { request_id: required(id()), key: required(string()) }),
    Empty,
  ),
  linkTracesToRun: endpoint(
    'POST',
    '/2.0/mlflow/traces/link-to-run',
    'write',
    'Makes a search by run_id find traces that the run did not make itself.',
    message('LinkTracesToRun', { trace_ids: list(id(), 'at most 100'), run_id: required(id()) }),
    Empty,
  ),
  linkPromptsToTrace: endpoint(
    'POST',
    '/2.0/mlflow/traces/link-prompts',
    'write',
    'Records the versions of prompts that a trace has used.',
    message('LinkPromptsToTrace', {
      trace_id: required(id()),
      prompt_versions: listOf(
        message('PromptVersionRef', { name: required(string()), version: required(id('a whole number')) }),
      ),
    }),
    Empty,
  ),
};

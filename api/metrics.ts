/** Metric values as they are read: latest ones, histories, and histories thinned to a number of steps. */
import { endpoint } from './endpoint.js';
import {
  double,
  id,
  int64,
  integer,
  list,
  message,
  type Output,
  required,
  someOf,
  string,
  withDefault,
} from './schema.js';

export const Metric = message('Metric', {
  key: required(string()),
  value: required(double('NaN as "NaN"; infinities as ±1.7976931348623157e308')),
  timestamp: required(int64('ms since the epoch')),
  step: withDefault(int64(), 0),
  model_id: string(),
  dataset_name: string(),
  dataset_digest: string(),
  run_id: string(),
});
export type Metric = Output<typeof Metric>;

export const metrics = {
  getMetricHistory: endpoint(
    'GET',
    '/2.0/mlflow/metrics/get-history',
    'read',
    'All values of one metric of a run, by timestamp, step and value. Without max_results, all of them at once.',
    message('GetMetricHistory', {
      run_id: id(),
      run_uuid: id('older name of run_id'),
      metric_key: required(string()),
      page_token: string(),
      max_results: integer(),
    }),
    message('GetMetricHistoryResponse', { metrics: someOf(Metric), next_page_token: string() }),
  ),
  getMetricHistoryBulk: endpoint(
    'GET',
    '/2.0/mlflow/metrics/get-history-bulk',
    'search',
    'All values of one metric of up to 100 runs, run by run, by timestamp, step and value.',
    message('GetMetricHistoryBulk', {
      run_id: list(id()),
      metric_key: string('needed'),
      max_results: integer('in all; default and limit 25,000'),
    }),
    message('GetMetricHistoryBulkResponse', { metrics: someOf(Metric) }),
  ),
  getMetricHistoryBulkInterval: endpoint(
    'GET',
    '/2.0/mlflow/metrics/get-history-bulk-interval',
    'search',
    'One metric of up to 100 runs: up to max_results points of each, taken evenly in the order of steps, its first and last among them.',
    message('GetMetricHistoryBulkInterval', {
      run_ids: list(id()),
      metric_key: required(string()),
      start_step: integer(),
      end_step: integer(),
      max_results: integer('1 to 2,500; default 2,500'),
    }),
    message('GetMetricHistoryBulkIntervalResponse', { metrics: someOf(Metric) }),
  ),
};

/** Runs as a table reads them: pages with the asked columns only, how many there are, whole columns, and what keys and values there are to choose from. No part of MLflow's protocol. */
import { endpoint } from '../endpoint.js';
import { Run } from '../runs.js';
import { viewType } from '../scalars.js';
import {
  bool,
  double,
  enumeration,
  id,
  integer,
  list,
  listOf,
  message,
  type Output,
  required,
  some,
  someOf,
  string,
  withDefault,
} from '../schema.js';

/** Which runs: what searchRuns takes too. */
const which = {
  experiment_ids: list(id()),
  filter: string('as of searchRuns, see docs/search.md'),
  run_view_type: viewType(),
};

const COLUMNS =
  'each as order_by spells it: `params.KEY`, `metrics.KEY`, `tags.KEY`, or an aggregate such as `max(metrics.KEY)`; no key needs quotes';

/** What kind of key. */
export const KEY_KIND = { PARAM: 1, METRIC: 2, TAG: 3 } as const;
export type KeyKind = keyof typeof KEY_KIND;

export const RunKey = message('RunKey', {
  kind: required(enumeration(KEY_KIND)),
  key: required(string()),
  runs: required(integer('how many of the looked-at runs have it')),
  distinct_values: integer('of params and tags: how many different values, by their first 250 characters, 100 at most'),
  examples: some(string(), 'of params and tags: up to 5 values of at most 250 characters, the most frequent first'),
});
export type RunKey = Output<typeof RunKey>;

export const RunColumn = message('RunColumn', {
  column: required(string('as it was asked for')),
  numbers: some(double(), 'of metrics: one per run, NaN where the value is NaN or there is none; infinities as such'),
  texts: some(string(), 'of params, tags and attributes: one per run, "" where there is none'),
  missing: some(integer(), 'the places, from 0, of the runs that have no value'),
});
export type RunColumn = Output<typeof RunColumn>;

export const runTable = {
  searchRunRows: endpoint(
    'POST',
    '/2.0/mltrack/runs/rows',
    'search',
    'A page of runs with nothing but their facts and the asked columns; aggregates are metrics whose key is the column’s text.',
    message('SearchRunRows', {
      ...which,
      max_results: withDefault(integer('1 to 1,000'), 100),
      order_by: list(string(), 'as of searchRuns'),
      page_token: string(),
      columns: list(string(), COLUMNS),
    }),
    message('SearchRunRowsResponse', { runs: someOf(Run), next_page_token: string() }),
  ),
  countRuns: endpoint(
    'POST',
    '/2.0/mltrack/runs/count',
    'search',
    'How many runs match, in all and by status.',
    message('CountRuns', { ...which, by_experiment: bool('also count each experiment by itself') }),
    message('CountRunsResponse', {
      total: required(integer()),
      statuses: listOf(
        message('StatusCount', { status: required(string('RUNNING, FINISHED, …')), runs: required(integer()) }),
        'those that some run has',
      ),
      latest_start_time: integer('ms since the epoch; absent when there are none'),
      experiments: someOf(
        message('ExperimentCount', {
          experiment_id: required(string()),
          total: required(integer()),
          running: required(integer()),
          latest_start_time: required(integer()),
        }),
        'with by_experiment: those that have runs',
      ),
    }),
  ),
  getRunColumns: endpoint(
    'POST',
    '/2.0/mltrack/runs/columns',
    'search',
    'Whole columns over up to 10,000 runs, for charts over runs and the importance of params.',
    message('GetRunColumns', {
      ...which,
      order_by: list(string(), 'as of searchRuns'),
      max_results: withDefault(integer('1 to 10,000'), 1000),
      columns: list(string(), `${COLUMNS}; also attributes: run_name, status, start_time, …`),
    }),
    message('GetRunColumnsResponse', {
      run_ids: list(string()),
      columns: listOf(RunColumn, 'in the order they were asked for'),
    }),
  ),
  searchRunKeys: endpoint(
    'POST',
    '/2.0/mltrack/runs/keys',
    'search',
    'The keys of params, metrics and tags, by kind and then by how many runs have them: of the 1,000 newest runs that match.',
    message('SearchRunKeys', {
      ...which,
      kinds: list(enumeration(KEY_KIND), 'default: all'),
      contains: string('keys with this text in them, in any case'),
      max_results: withDefault(integer('of each kind, 1 to 5,000'), 1000),
    }),
    message('SearchRunKeysResponse', { looked_at: required(integer('runs')), keys: listOf(RunKey) }),
  ),
  searchRunValues: endpoint(
    'POST',
    '/2.0/mltrack/runs/values',
    'search',
    'The values of one param or tag, or of an attribute (status, user_id, run_name), the most frequent first: of the 1,000 newest runs that match.',
    message('SearchRunValues', {
      ...which,
      column: required(string('`params.KEY`, `tags.KEY` or an attribute')),
      contains: string('values with this text in them, in any case'),
      max_results: withDefault(integer('1 to 1,000'), 50),
    }),
    message('SearchRunValuesResponse', {
      values: listOf(message('RunValue', { value: required(string('may be empty')), runs: required(integer()) })),
    }),
  ),
};

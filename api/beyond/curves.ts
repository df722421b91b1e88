/** Metric histories as charts draw them: cut into buckets of steps that keep every extreme, NaN and infinity. No part of MLflow's protocol. */
import { endpoint } from '../endpoint.js';
import { double, id, integer, list, listOf, message, type Output, required, string, withDefault } from '../schema.js';

export const Curve = message('Curve', {
  run_id: required(string()),
  key: required(string()),
  points: required(integer('in the range of steps, before bucketing')),
  min_step: integer('of the whole history; absent when there are no points'),
  max_step: integer('of the whole history'),
  bucket_steps: required(
    integer('steps a bucket covers, a power of two, at multiples of itself; 0: every point is here'),
  ),
  steps: list(integer(), 'of the last point of each bucket, ascending (by step, then time)'),
  timestamps: list(integer(), 'of the last point, ms since the epoch'),
  first: list(double(), 'value of the first point of each bucket; the same as last when every point is here'),
  last: list(double(), 'value of the last point'),
  min: list(
    double(),
    'least finite value; NaN when there is none. min, max, mean and n are empty when every point is here',
  ),
  max: list(double(), 'greatest finite value'),
  mean: list(double(), 'of the finite values'),
  n: list(integer(), 'points of the bucket'),
  nan: list(integer(), 'how many are NaN; empty when none of the curve is. So the next two'),
  pos_inf: list(integer()),
  neg_inf: list(integer()),
  last_value: double('of the last point in the range of steps'),
});
export type Curve = Output<typeof Curve>;

export const curves = {
  getMetricCurves: endpoint(
    'POST',
    '/2.0/mltrack/metrics/curves',
    'search',
    'Curves of metrics of up to 200 runs, up to 1,000 in all: run by run, and keys in the order asked for. Histories of no more points than buckets come whole.',
    message('GetMetricCurves', {
      run_ids: list(id()),
      metric_keys: list(string()),
      start_step: integer('the first step of interest'),
      end_step: integer('the last step of interest'),
      buckets: withDefault(integer('at most so many of each curve, 1 to 1,000'), 500),
      columns: list(
        string(
          'of first, last, min, max and mean, those that are wanted of buckets; the others are empty. Default: all',
        ),
      ),
      digits: withDefault(integer('significant digits of the values of buckets, 3 to 17; a drawing needs few'), 17),
    }),
    message('GetMetricCurvesResponse', { curves: listOf(Curve, 'only of runs that have the key') }),
  ),
};

/**
 * Aggregates of a metric beside its latest value, spelt as functions: `min(metrics.loss) < 0.1`. A key cannot collide with them:
 * parentheses are no part of any name. NaN counts for `count` alone.
 */

export const AGGREGATES = {
  min: { column: 'least', note: 'the least value' },
  max: { column: 'greatest', note: 'the greatest value' },
  first: { column: 'first_value', note: 'the value of the first point, by time, then step' },
  last_step: { column: 'step', note: 'the step of the latest value' },
  count: { column: 'points', note: 'how many points there are' },
} as const;

export type Aggregate = keyof typeof AGGREGATES;

export const aggregateColumn = (aggregate: string, alias: string): string =>
  `${alias}.${AGGREGATES[aggregate as Aggregate].column}`;

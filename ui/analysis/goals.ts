/** Whether more or less of a metric is better, and how likely it is what runs are about, told from its name. */
import { betterDirection } from '../display/direction.js';

export type Goal = 'max' | 'min';

/** Undefined where the name says nothing. */
export function customaryGoal(key: string): Goal | undefined {
  const direction = betterDirection(key);
  return direction && (direction === 'up' ? 'max' : 'min');
}

/** How likely a metric is what an experiment is about; greater is likelier. */
export function goalLikelihood(key: string): number {
  if (/^system\//.test(key)) return -1;
  const isHeldOut = /(^|[^a-z])(val|valid|validation|test|eval)([^a-z]|$)/i.test(key);
  const goal = customaryGoal(key);
  return (isHeldOut ? 4 : 0) + (goal === 'max' ? 2 : goal === 'min' ? 1 : 0);
}

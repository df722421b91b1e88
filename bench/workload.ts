/** What is logged: metrics as training scripts write them, with values that can be told from their key and step alone. */
import { request } from './load.js';

export interface Point {
  key: string;
  value: number;
  timestamp: number;
  step: number;
}

/** How the points of a run are cut into requests. */
export interface Shape {
  call: 'log-metric' | 'log-batch';
  keys: number;
  /** Steps in one log-batch; each has all keys. */
  steps: number;
}

const parts = ['train', 'val', 'layer_0', 'layer_1', 'layer_2', 'layer_3', 'layer_4', 'layer_5', 'layer_6', 'layer_7'];
const names = ['loss', 'accuracy', 'grad_norm', 'learning_rate', 'throughput'];
export const keys = names.flatMap((name) => parts.map((part) => `${part}/${name}`));

const epoch = 1_767_225_600_000;

/** The value of a key at a step: between 0 and 1, with all the digits of a double. */
export function point(key: number, step: number, seed = 0): Point {
  const wave = Math.sin((key + 1) * 12.9898 + step * 78.233 + seed * 37.719) * 43_758.5453;
  return { key: keys[key]!, value: wave - Math.floor(wave), timestamp: epoch + step * 250, step };
}

/** The points of a run's request number `index`. */
export function pointsOf(shape: Shape, index: number): Point[] {
  if (shape.call === 'log-metric') return [point(index % shape.keys, Math.floor(index / shape.keys))];
  const points: Point[] = [];
  for (let step = index * shape.steps; step < (index + 1) * shape.steps; step++) {
    for (let key = 0; key < shape.keys; key++) points.push(point(key, step));
  }
  return points;
}

/** Requests number `first` to `end - 1` of a run. */
export function requestsOf(shape: Shape, runId: string, first: number, end: number): Buffer[] {
  return Array.from({ length: end - first }, (_, offset) => {
    const metrics = pointsOf(shape, first + offset);
    const path = `/api/2.0/mlflow/runs/${shape.call}`;
    const body = shape.call === 'log-metric' ? { run_id: runId, ...metrics[0] } : { run_id: runId, metrics };
    return request('POST', path, body);
  });
}

/** How many values of a key a run has after `count` requests; their steps are 0 to one less. */
export function valuesOfKey(shape: Shape, key: number, count: number): number {
  return shape.call === 'log-metric' ? Math.ceil((count - key) / shape.keys) : count * shape.steps;
}

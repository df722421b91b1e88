/** What is measured, how often at each peer, and what is to be reached. */
import type { PeerName } from './peers.js';
import type { Shape } from './workload.js';

/** Slow peers do fewer operations: it is the CPU time of one that is compared. */
type Operations = Record<PeerName, number>;

/** At least so many times less than a peer; for the floor, at most so many times as much. */
export type Targets = Partial<Record<PeerName, number>>;

export interface LoadCase {
  name: string;
  title: string;
  connections: number;
  shape: Shape;
  operations: Operations;
  targets: Targets;
  /** Values a second to reach on a quiet machine. */
  valuesPerSecond?: number;
  /** Searches runs once a second meanwhile. */
  searches?: true;
}

const single: Shape = { call: 'log-metric', keys: 10, steps: 1 };
const batch50: Shape = { call: 'log-batch', keys: 50, steps: 1 };
const batch1000: Shape = { call: 'log-batch', keys: 50, steps: 20 };

export const loadCases: LoadCase[] = [
  {
    name: 'log-metric-1',
    title: 'log-metric, 1 connection',
    connections: 1,
    shape: single,
    operations: { mltrack: 6000, floor: 6000, fasttrackml: 1500, mlflow: 150 },
    targets: { fasttrackml: 1.2, mlflow: 10 },
  },
  {
    name: 'log-metric-16',
    title: 'log-metric, 16 connections',
    connections: 16,
    shape: single,
    operations: { mltrack: 16_000, floor: 16_000, fasttrackml: 4800, mlflow: 320 },
    targets: { floor: 1.2, fasttrackml: 3, mlflow: 35 },
  },
  {
    name: 'log-batch-50-1',
    title: 'log-batch(50), 1 connection',
    connections: 1,
    shape: batch50,
    operations: { mltrack: 2000, floor: 2000, fasttrackml: 400, mlflow: 80 },
    targets: {},
  },
  {
    name: 'log-batch-50-8',
    title: 'log-batch(50), 8 connections',
    connections: 8,
    shape: batch50,
    operations: { mltrack: 6400, floor: 6400, fasttrackml: 800, mlflow: 160 },
    targets: { floor: 0.6, fasttrackml: 10, mlflow: 45 },
  },
  {
    name: 'log-batch-1000-1',
    title: 'log-batch(1,000), 1 connection',
    connections: 1,
    shape: batch1000,
    operations: { mltrack: 240, floor: 240, fasttrackml: 40, mlflow: 16 },
    targets: {},
  },
  {
    name: 'log-batch-1000-8',
    title: 'log-batch(1,000), 8 connections',
    connections: 8,
    shape: batch1000,
    operations: { mltrack: 960, floor: 960, fasttrackml: 80, mlflow: 32 },
    targets: { floor: 0.6, fasttrackml: 18, mlflow: 60 },
    valuesPerSecond: 400_000,
  },
];

export const mixedCase: LoadCase = {
  name: 'mixed',
  title: 'mixed: 8 × log-batch(50), 1 search/s',
  connections: 8,
  shape: batch50,
  operations: { mltrack: 12_800, floor: 4800, fasttrackml: 960, mlflow: 240 },
  targets: {},
  searches: true,
};

export const coldStart = {
  name: 'cold-start',
  title: 'start to first /health',
  starts: { mltrack: 5, floor: 5, fasttrackml: 5, mlflow: 3 } satisfies Operations,
  targets: { floor: 2.5, mlflow: 28 } satisfies Targets,
};

export const memory = {
  name: 'memory',
  title: 'memory (PSS), idle after the above',
  targets: { mlflow: 14 } satisfies Targets,
};

export const caseNames = [coldStart, ...loadCases, memory, mixedCase].map((each) => each.name);

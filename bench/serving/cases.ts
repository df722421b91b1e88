/** What is measured of model servers, and what is to be reached. */
import type { Digits } from './dialects.js';
import type { ModelName } from './models.js';
import type { ServerName } from './peers.js';

/** What mltrack is compared with: servers, and the raw session loop. */
export type Rival = Exclude<ServerName, 'mltrack'> | 'raw';

/** mltrack's figure as a multiple of a rival's: at least so much of a rate, at most so much of anything else. */
export type Targets = Partial<Record<Rival, number>>;

export interface ServingCase {
  name: string;
  title: string;
  model: ModelName;
  rows: 1 | 256;
  connections: number;
  /** Of binary ones the raw session loop is a rival. */
  numbers: Digits | 'binary';
  /** Of requests a second. */
  targets: Targets;
  /** Of the 99th percentile of the latency. */
  p99?: Targets;
  /** Asks for the server's health 50 times a second meanwhile. */
  pings?: true;
}

const single = (connections: number, targets: Targets, more: Partial<ServingCase> = {}): ServingCase => ({
  name: `single-${connections}`,
  title: `1 row, ${connections} connection${connections > 1 ? 's' : ''}`,
  model: 'small',
  rows: 1,
  connections,
  numbers: 'short',
  targets,
  ...more,
});

const titles = { short: 'JSON, few digits', full: 'JSON, all digits', binary: 'V2 binary' };

const many = (model: ModelName, numbers: ServingCase['numbers'], targets: Targets): ServingCase => ({
  name: `${model}-${numbers}`,
  title: `256 rows, ${model}, ${titles[numbers]}`,
  model,
  rows: 256,
  connections: 8,
  numbers,
  targets,
});

export const pingCase = single(64, {}, { name: 'ping', title: '1 row, 64 connections, pinged', pings: true });
/** Of the 99th percentile, in ms. */
export const pingTarget = 20;

export const servingCases: ServingCase[] = [
  single(1, { express: 1, mlflow: 3 }),
  single(8, {}),
  single(64, { express: 3, mlflow: 25, mlserver: 9 }, { p99: { express: 1 } }),
  pingCase,
  ...(['small', 'medium', 'xgboost'] as const).flatMap((model) => [
    many(model, 'short', { mlserver: 1.5 }),
    many(model, 'full', { mlserver: 1.5 }),
    many(model, 'binary', { raw: 0.85 }),
  ]),
];

export const start = {
  name: 'start',
  title: 'start to the first 200 of /ping',
  starts: { mltrack: 5, express: 5, mlflow: 3, mlserver: 3 } satisfies Record<ServerName, number>,
  targets: { express: 1.3, mlflow: 1 / 12 } satisfies Targets,
};

export const memory = {
  name: 'memory',
  title: 'memory (PSS) after the load on the small model',
  targets: { mlflow: 1 / 3 } satisfies Targets,
};

export const servingNames = [start, ...servingCases, memory].map((each) => each.name);

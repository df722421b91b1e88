/** Filters and orders are taken and refused as by MLflow's own stores, in their words. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MltrackError } from '../../api/index.js';
import type { Noun } from '../../server/search/columns.js';
import { readFilter } from '../../server/search/compile.js';
import { experimentColumns } from '../../server/search/experiments.js';
import { loggedModelColumns } from '../../server/search/logged-models.js';
import { readOrder } from '../../server/search/order-by.js';
import { modelVersionColumns, registeredModelColumns } from '../../server/search/registry.js';
import { runColumns } from '../../server/search/runs.js';
import { EXAMPLE_REQUIREMENTS, INSTALL_TIME } from '../harness/python.js';
import { pythonClient } from './python-client.js';

const NOUNS: Record<string, Noun> = {
  runs: runColumns,
  experiments: experimentColumns,
  models: registeredModelColumns,
  versions: modelVersionColumns,
  logged: loggedModelColumns,
};

const FILTERS: Record<string, string[]> = {
  runs: [
    '',
    'metrics.a > 1',
    'metric.a<=-1.5e3',
    'metrics.`a b` != 0',
    'metrics."a-b" = .5',
    "params.p = 'x'",
    'param.p != "x"',
    "parameters.p LIKE '%x'",
    "tags.t ilike '%x'",
    'tags.t IS NULL',
    'params.p is not null',
    "attribute.status = 'FINISHED'",
    "attr.run_name LIKE 'x%'",
    "run.user_id = 'x'",
    'start_time > 5',
    'created <= 5',
    "run_id IN ('a', 'b')",
    "run_id NOT IN ('a')",
    "run_id IN ('a',)",
    "datasets.name = 'x'",
    "dataset.digest IN ('a','b')",
    "dataset.context LIKE 'tr%'",
    "name = 'x'",
    'metrics.a > 1 AND',
    'AND metrics.a > 1',
    "metrics.a > 1 and params.p = 'x' AND tags.t != 'y'",
    "tags.a.b.c = 'x'",
    'm.acc >= 0.94',
    'acc >= 0.94',
    "p.model >= 'LR'",
    'attri.x != 1',
    "model >= 'LR'",
    'attribute.start != 1',
    'a.x != 1',
    'metric.acc >= 0.94; metrics.rmse < 1',
    'metrics.a = x',
    "metrics.a = '1'",
    'tags.t = 1',
    'params.p = LR',
    'params.p = `LR`',
    'tags.t = LR',
    'attribute.status = LR',
    'status = 5',
    "start_time = 'x'",
    "end_time LIKE 'x'",
    "metrics.a LIKE 'x'",
    'metrics.a ~ 1',
    "params.p > 'x'",
    "tags.t <= 'x'",
    "status > 'x'",
    'start_time IN (1)',
    "status IN ('FINISHED')",
    'run_id IN ()',
    "run_id IN (1, 'a')",
    'run_id IN (1)',
    "run_id IN ('a' 5)",
    "dataset.source = 'x'",
    'datasets.name = 5',
    "datasets.name > 'x'",
    'metrics.a IS NULL',
    'start_time IS NOT NULL',
    'status IS NULL',
    '1 = 1',
    "'a' = 'b'",
    'metrics.a',
    'metrics.a >',
    'params.p LIKE',
    'param`.A > 0.1',
    '`dummy.A > 0.1',
    "params.acc = 'LR",
    "params.acc = LR'",
    'tags.acc = "LR\'',
    "tags.acc = = 'LR'",
    'params.acc LR',
    "attribute.status IS 'RUNNING'",
    'metrics.A > 0.1 NAND params.B',
    "tags.t NOT LIKE 'x'",
    "params.p RLIKE 'x'",
    "params.p == 'x'",
    "params.p <> 'x'",
    "tags.`a = 'x'",
    "tags.t = ''",
    'metrics.a > 1e400',
    "run name = 'x'",
    "`run name` = 'x'",
    "attributes.`run_name` = 'x'",
    'metrics.a-b > 1',
    'metrics.a/b > 1',
    "params.my-param = 'x'",
    'tags.1 = "x"',
  ],
  experiments: [
    '',
    "name = 'x'",
    "attribute.name LIKE 'x%'",
    "tags.t = 'x'",
    "tag.`a b` != 'x'",
    'tags.t IS NULL',
    'creation_time > 5',
    "experiment_id = '1'",
    "experiment_id IN ('1','2')",
    "experiment_id NOT IN ('1')",
    'name = 5',
    'name',
    "name IN ('a')",
    "name > 'a'",
    'name IS NULL',
    "attributes.name = 'x'",
    'metrics.a > 1',
    "foo = 'x'",
    "creation_time = 'x'",
    'creation_time > 1.5',
    "creation_time LIKE 'x'",
    "experiment_id = 'x'",
    "experiment_id > '1'",
    "experiment_id LIKE '1%'",
    "tags.t > 'x'",
    "tags.t IN ('x')",
    'tags.t = 5',
    "name = 'a'; name = 'b'",
    "name = 'a' foo",
    'last_update_time != 3',
    'name = x',
    'experiment_id = 5',
  ],
  models: [
    '',
    "name = 'x'",
    "name ILIKE 'x%'",
    "name IN ('a', 'b')",
    "tags.t = 'x'",
    "tag.`a b` LIKE 'x'",
    "tags.`mlflow.prompt.is_prompt` = 'true'",
    "attribute.name != 'x'",
    'name = 5',
    "name > 'x'",
    "run_id = 'x'",
    "tags.t IN ('x')",
    "tags.t > 'x'",
    'tags.t = 5',
    "foo.x = 'y'",
    "name = 'a' OR",
    "name LIKE ('a')",
    'name',
    "name = 'a'; name = 'b'",
    "attributes.name = 'x'",
    'creation_timestamp > 5',
    'name IN ()',
  ],
  versions: [
    '',
    "name = 'x'",
    "run_id = 'x'",
    "run_id IN ('x','y')",
    "name IN ('a')",
    "source_path LIKE 's3%'",
    'version_number > 1',
    "version_number = '1'",
    "tags.t = 'x'",
    "tags.t != 'x'",
    "name NOT IN ('a')",
    'version_number > 1.5',
    "version_number LIKE '1'",
    "version_number = 'x'",
    "source_path IN ('x')",
    "name > 'x'",
    'name = 5',
    'tags.t = 5',
    "tags.t IN ('x')",
    'run_id IN ()',
    'run_id IN (1)',
    "foo = 'x'",
    'creation_timestamp > 5',
    'metrics.a > 5',
    "run_id LIKE 'x%'",
    'name',
  ],
  logged: [
    '',
    "name = 'x'",
    'metrics.a > 1',
    "params.p = 'x'",
    'params.p = 0.01',
    "tags.t LIKE 'x'",
    "attributes.name IN ('a')",
    "name IN ('a','b')",
    "tags.t NOT IN ('x')",
    'creation_time > 5',
    'creation_timestamp_ms > 5',
    'last_updated_timestamp < 5',
    "model_type = 'x'",
    "name > 'x'",
    'metrics.a LIKE 1',
    'metric.a > 1',
    "attribute.name = 'x'",
    'foo',
    "name = 'a'; name = 'b'",
    "name = 'a' foo",
    "model_id = 'x'",
    "source_run_id = 'x'",
    'creation_time LIKE 5',
    "metrics.a IN ('x')",
    'name = x',
  ],
};

const ORDERS: Record<string, string[][]> = {
  runs: [
    [],
    ['start_time'],
    ['attributes.start_time DESC'],
    ['metrics.a asc'],
    ['params.`a b` desc'],
    ['tags."x y"'],
    ['created'],
    ['Created DESC'],
    ['run_name'],
    ['user_id'],
    ['metrics.a', 'metrics.a DESC'],
    ['start_time', 'created'],
    ['foo'],
    ['foo.bar'],
    ['metrics.a foo'],
    ['metrics.a ASC foo'],
    ['metrics.a; x'],
    ['datasets.name'],
    ['run name'],
    ['`run name`'],
    ['1'],
    [''],
    ['metrics.a, metrics.b'],
    ['status DESC'],
    ['end_time ACS'],
    ['artifact_uri'],
    ['metrics.`a'],
  ],
  experiments: [
    [],
    ['name'],
    ['name DESC'],
    ['experiment_id asc'],
    ['creation_time', 'name DESC'],
    ['last_update_time'],
    ['attribute.name'],
    ['foo'],
    ['tags.x'],
    ['metrics.a'],
    ['name foo'],
    ['name ASC foo'],
    ['attributes.name'],
  ],
  models: [
    ['name'],
    ['name DESC'],
    ['timestamp'],
    ['timestamp DESC'],
    ['last_updated_timestamp ASC', 'name'],
    ['foo'],
    ['creation_timestamp'],
    ['tags.x'],
    ['name foo'],
    ['timestamp', 'last_updated_timestamp'],
    ['name', 'name DESC'],
  ],
  versions: [
    ['name'],
    ['version_number DESC'],
    ['creation_timestamp', 'name'],
    ['last_updated_timestamp'],
    ['foo'],
    ['run_id'],
    ['tags.x'],
    ['name', 'name'],
    ['name foo'],
  ],
};

const rows = [
  ...Object.entries(FILTERS).flatMap(([noun, filters]) => filters.map((filter) => [noun, filter, []] as const)),
  ...Object.entries(ORDERS).flatMap(([noun, orders]) => orders.map((order) => [noun, '', order] as const)),
];

/** Python prints sets in any order; which tokens of a filter are shown as its invalid clauses is sqlparse's matter. */
const comparable = (message: string) =>
  message
    .replace(/(?<=^Invalid clause\(s\) in filter string: ).*/s, '')
    .replace(/\{[^}]*\}?/g, (set) => set.replace(/[{}]/g, '').split(', ').sort().join(', '));

function ours(noun: string, filter: string, order: readonly string[]): string | null {
  try {
    readFilter(NOUNS[noun] as Noun, filter);
    readOrder(NOUNS[noun] as Noun, order);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(MltrackError);
    expect((error as MltrackError).code).toBe('INVALID_PARAMETER_VALUE');
    return (error as Error).message;
  }
}

let theirs: { message: string | null; code?: string }[];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-messages-'));
  await writeFile(join(folder, 'rows.json'), JSON.stringify(rows));
  theirs = (await pythonClient(EXAMPLE_REQUIREMENTS, 'search_messages.py', [
    join(folder, 'rows.json'),
  ])) as typeof theirs;
}, INSTALL_TIME);

afterAll(() => rm(folder, { recursive: true }));

describe('filters and orders', () => {
  test.each(rows.map((row, i) => [i, ...row] as const))('%i: %s %j %j', (i, noun, filter, order) => {
    const { message, code } = theirs[i] as (typeof theirs)[number];
    const own = ours(noun, filter, order);
    // Where MLflow breaks, any refusal will do.
    if (code !== undefined && code !== 'INVALID_PARAMETER_VALUE') return;
    expect(own === null ? null : comparable(own)).toBe(message === null ? null : comparable(message));
  });
});

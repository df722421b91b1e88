/** Filters and orders as SQL: values are bound, names are the program's. That both databases find the same is in test/store/search-*.test.ts. */
import { describe, expect, test } from 'vitest';
import { postgresDialect } from '../../server/db/postgres.js';
import type { Sql, Value } from '../../server/db/sql.js';
import { sqliteDialect } from '../../server/db/sqlite.js';
import { compileFilter, readFilter } from '../../server/search/compile.js';
import { compileOrder, readOrder } from '../../server/search/order-by.js';
import { modelVersionColumns, registeredModelColumns } from '../../server/search/registry.js';
import { runColumns } from '../../server/search/runs.js';

const shown = ({ strings, values }: Sql): [string, readonly Value[]] => [
  strings.join('?').replace(/\s+/g, ' '),
  values,
];

const metric = (test: string) =>
  `exists (select 1 from latest_metrics m where m.run = runs.id and m.key = (select id from metric_keys where name = ?) and ${test})`;

const FILTERS: [filter: string, sql: string, values: Value[]][] = [
  ['', '1 = 1', []],
  ['metrics.loss > 1.5', metric('m.is_nan = 0 and m.value > cast(? as double precision)'), ['loss', 1.5]],
  ['metrics.loss != 1', metric('(m.is_nan = 1 or m.value != ?)'), ['loss', 1]],
  ['min(metrics.loss) <= 1', metric('m.least <= ?'), ['loss', 1]],
  [
    "params.lr = 'x'",
    'exists (select 1 from params t where t.run = runs.id and t.key = ? and t.value = ?)',
    ['lr', 'x'],
  ],
  ['tags.`a"b` IS NULL', 'not exists (select 1 from tags t where t.run = runs.id and t.key = ?)', ['a"b']],
  ["run_name ILIKE 'A%'", 'lower(runs.name) like ? escape ?', ['a%', '\u{e000}']],
  ['end_time > 5', '(runs.end_time is not null and runs.end_time > ?)', [5]],
  ["run_id NOT IN ('a', 'b')", 'runs.run_id not in (?, ?)', ['a', 'b']],
  [
    "NOT (start_time < 5 OR user_id = 'x') AND user_id != 'y'",
    '(runs.user_id != ? and not (runs.start_time < ? or runs.user_id = ?))',
    ['y', 5, 'x'],
  ],
];

test('a param is compared as a number in the words of each database', () => {
  for (const { numberOf } of [sqliteDialect, postgresDialect]) {
    const [text, values] = shown(readFilter(runColumns, 'number(params.lr) > 0.5').compile({ numberOf }));
    const [column] = shown(numberOf('t.value'));
    expect(text).toBe(
      `exists (select 1 from params t where t.run = runs.id and t.key = ? and ${column} > cast(? as double precision))`,
    );
    expect(values).toEqual(['lr', 0.5]);
  }
});

describe('filters of runs', () => {
  test.each(FILTERS)('%s', (filter, sql, values) => {
    expect(shown(compileFilter(runColumns, filter))).toEqual([sql, values]);
  });
});

test('conditions past a few are no joins to PostgreSQL', () => {
  const filter = Array.from({ length: 5 }, (_, i) => `metrics.m${i} > 0`).join(' AND ');
  expect(shown(compileFilter(runColumns, filter))[0].match(/limit 1 offset 0/g)).toHaveLength(5);
});

test('prompts are left out unless they are asked for', () => {
  const conditions = (filter: string) => shown(compileFilter(registeredModelColumns, filter))[0];
  expect(conditions('')).toContain('not exists');
  expect(conditions("tags.`mlflow.prompt.is_prompt` = 'false'")).toMatch(/^\(1 = 1 and not exists/);
  expect(conditions("tags.`mlflow.prompt.is_prompt` = 'true'")).not.toContain('not exists');
  expect(shown(compileFilter(modelVersionColumns, "version_number = '3'"))).toEqual([
    expect.stringContaining('model_versions.version = ?'),
    [3],
  ]);
});

test('an order ranks what is missing, and its token says where the next page begins', () => {
  const order = compileOrder(runColumns, readOrder(runColumns, ['metrics.loss DESC', 'params.p']));
  expect(shown(order.by)[0]).toBe(
    'case when o0.value is null then 2 when o0.is_nan = 1 then 1 else 0 end, o0.value desc, ' +
      'case when o1.value is null then 2 else 0 end, o1.value, runs.start_time desc, runs.run_id',
  );
  const token = order.token({ rank_0: 0, value_0: 0.5, rank_1: 2, value_1: null, value_2: 17, value_3: 'id' });
  const [sql, values] = shown(order.after(token));
  expect(values).toEqual([0, 0, 0.5, 0.5, 2, 2, 17, 17, 'id']);
  expect(sql).toContain('(o0.value < ? or (o0.value = ? and ');
  expect(sql).toMatch(/\(runs\.start_time < \? or \(runs\.start_time = \? and \(runs\.run_id > \?\)\)\)+$/);
  const other = compileOrder(runColumns, readOrder(runColumns, ['metrics.loss']));
  expect(() => other.after(token)).toThrow('Invalid page token: it belongs to another order_by.');
});

test('rows that are in no table are one parameter in either dialect', () => {
  const columns = { run: 'int', value: 'double' } as const;
  expect(shown(sqliteDialect.rowsOf('[[1,2]]', columns))).toEqual([
    "(select json_extract(value, '$[0]') as run, json_extract(value, '$[1]') as value from json_each(?))",
    ['[[1,2]]'],
  ]);
  expect(shown(postgresDialect.rowsOf('[[1,2]]', columns))).toEqual([
    '(select (value->>0)::bigint as run, (value->>1)::double precision as value from jsonb_array_elements(?::jsonb))',
    ['[[1,2]]'],
  ]);
});

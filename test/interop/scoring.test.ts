/**
 * The same requests to MLflow's own scoring server and to ours: the same status, and predictions that are equal, floats to
 * 1e-6 of their size. What differs is listed in `scoring-differences.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSTALL_TIME } from '../harness/python.js';
import { casesOf, expectClose, MODEL_NAMES, modelPath, serveModel, VARIANTS } from '../packager/model-server.js';
import { comparable } from './comparable-json.js';
import { type MlflowScoring, mlflowScoring } from './mlflow-scoring.js';
import { DIFFERENCES, type Difference } from './scoring-differences.js';
import { type Asked, type Example, fewRequests, requestsFor } from './scoring-requests.js';

/** Asked everything; of the others only what they should answer. */
const ASKED_ALL = new Set([
  'd_two_inputs-mlmodel',
  'd_two_inputs-mlmodel_nosig',
  'd_strings-mlmodel',
  'd_strings-mlmodel_nosig',
  'd_cars_columns-mlmodel',
  'd_cars_columns-mlmodel_nosig',
  'd_iris_zipmap-mlmodel',
  'd_mlp_small-mlmodel_nosig',
  'wine_zipmap_columns',
  'diabetes_xgb_unnamed',
  'iris_optional',
  'iris_xgb',
  'mixed_pipeline',
  'columns_of_numbers',
  'columns_signed',
  'every_type',
  'without_batch',
  'speech',
]);

const AT_ONCE = 12;

interface Model extends Example {
  readonly name: string;
  readonly path: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const STORED: readonly Model[] = MODEL_NAMES.flatMap((name) =>
  VARIANTS.map((variant) => ({
    name: `${name}-${variant}`,
    path: modelPath(name, variant),
    inputs: casesOf(name).at(-1)?.inputs ?? {},
    columns: [],
  })),
);

let folder: string;
let mlflow: MlflowScoring;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-test-'));
  mlflow = await mlflowScoring(folder, Object.fromEntries(STORED.map(({ name, path }) => [name, path])));
}, INSTALL_TIME);
afterAll(async () => {
  mlflow?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.sequential('every request is answered as MLflow answers it', () => {
  const used = new Set<Difference>();

  test('by the stored models, with and without a signature', async () => {
    expect(await differing(STORED, used)).toEqual([]);
  }, 240_000);

  test('by models of scikit-learn and XGBoost, of text recognition and of speech, and of every type', async () => {
    expect(mlflow.models.length).toBeGreaterThan(12);
    expect(await differing(mlflow.models, used)).toEqual([]);
  }, 240_000);

  test('but for the listed differences, each of which is there', () => {
    expect(DIFFERENCES.filter((each) => !used.has(each))).toEqual([]);
  });
});

/** What is neither the same nor listed, in words; listed differences that were met are added to `used`. */
async function differing(models: readonly Model[], used: Set<Difference>): Promise<string[]> {
  const found: string[] = [];
  for (const model of models) {
    const server = await serveModel(model.path, { args: ['-w', '1'] });
    await forEach(ASKED_ALL.has(model.name) ? requestsFor(model) : fewRequests(model), async (asked) => {
      const theirs = await ask(mlflow.invocations(model.name), asked);
      const ours = await ask(`${server.url}/invocations`, asked);
      const known = DIFFERENCES.find((each) => isListed(each, model.name, asked.name, theirs));
      if (known && known.ours === ours.status) used.add(known);
      else {
        const what = difference(ours, theirs);
        if (what) found.push(`${model.name}, ${asked.name}: ${what}`);
      }
    });
    await server.stop();
  }
  return found;
}

function isListed(difference: Difference, model: string, request: string, { status, text }: Answer): boolean {
  const { ours, models = /./, requests = /./, theirs = /./ } = difference;
  return (status === 200) !== (ours === 200) && models.test(model) && requests.test(request) && theirs.test(text);
}

function difference(ours: Answer, theirs: Answer): string | undefined {
  if (ours.status !== theirs.status) {
    return `${ours.status} ${ours.text.slice(0, 200)}, MLflow: ${theirs.status} ${theirs.text.slice(-300)}`;
  }
  if (ours.status !== 200) return undefined;
  try {
    expectClose(comparable(ours.text), comparable(theirs.text));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function ask(url: string, { body, type }: Asked): Promise<Answer> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: Buffer.from(body) });
  return { status: answer.status, text: await answer.text() };
}

/** Some at once: MLflow's answers come late for the wait of its sockets, not for want of a core. */
async function forEach<Item>(items: readonly Item[], what: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const work = async () => {
    for (const item of rest) await what(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const PANDAS_SPLIT = 'application/json; format=pandas-split';
const PANDAS_RECORDS = 'application/json; format=pandas-records';

test('the forms of MLflow 1.x are answered with the rows that MLflow 2 gives for them', async () => {
  let compared = 0;
  for (const model of [...STORED, ...mlflow.models]) {
    const { name, path, inputs } = model;
    const frame = requestsFor(model).find(({ name }) => name === 'split: example');
    const theirs = await ask(mlflow.invocations(name), {
      name,
      body: JSON.stringify({ inputs }),
      type: 'application/json',
    });
    if (!frame || theirs.status !== 200) continue;
    const { dataframe_split: table } = JSON.parse(frame.body) as {
      dataframe_split: { columns: string[]; data: unknown[][] };
    };
    const records = table.data.map((row) => Object.fromEntries(table.columns.map((column, at) => [column, row[at]])));
    const expected = rowsOf(comparable(theirs.text), table.data.length);
    const server = await serveModel(path, { args: ['-w', '1'] });
    for (const [body, type] of [
      [table, PANDAS_SPLIT],
      [records, PANDAS_RECORDS],
    ] as const) {
      const ours = await ask(`${server.url}/invocations`, { name, body: JSON.stringify(body), type });
      expectClose(comparable(ours.text), expected, `${name}, ${type}`);
      compared++;
    }
    await server.stop();
  }
  expect(compared).toBeGreaterThan(30);
}, 120_000);

/** Of a reply with a dictionary of outputs, what 1.x gives for each row. */
function rowsOf(reply: unknown, rows: number): unknown[] {
  const outputs = (reply as { predictions: Record<string, unknown[]> }).predictions;
  const value = (cell: unknown) => (Array.isArray(cell) && cell.length === 1 ? cell[0] : cell);
  const names = Object.keys(outputs);
  return Array.from({ length: rows }, (_, row) => {
    const cells = names.map((name) => [name, value(outputs[name]?.[row])] as const);
    return cells.length === 1 ? cells[0]?.[1] : Object.fromEntries(cells);
  });
}

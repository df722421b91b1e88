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
import { type Asked, type Example, fewRequests, oldForms, requestsFor } from './scoring-requests.js';

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
  'mixed_pipeline',
  'columns_of_numbers',
  'columns_of_numbers_signed',
  'columns_signed',
  'column_boolean',
  'column_integer',
  'column_long',
  'column_float',
  'column_double',
  'unnamed_columns',
  'narrow_tensor',
  'double_tensor',
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
  const tally: Tally = { used: new Set(), oldForms: 0 };

  test('by the stored models, with and without a signature', async () => {
    expect(await differing(STORED, tally)).toEqual([]);
  }, 240_000);

  test('by models of scikit-learn and XGBoost, of text recognition and of speech, and of every type', async () => {
    expect(mlflow.models.length).toBeGreaterThan(12);
    expect(await differing(mlflow.models, tally)).toEqual([]);
  }, 240_000);

  test('but for the listed differences, each of which is there', () => {
    expect(DIFFERENCES.filter((each) => !tally.used.has(each))).toEqual([]);
    expect(tally.oldForms).toBeGreaterThan(30);
  });
});

interface Tally {
  /** Differences that were met. */
  readonly used: Set<Difference>;
  /** Answers in the forms of MLflow 1.x that were compared. */
  oldForms: number;
}

/** What is neither the same nor listed, in words. */
async function differing(models: readonly Model[], tally: Tally): Promise<string[]> {
  const found: string[] = [];
  for (const model of models) {
    const server = await serveModel(model.path, { args: ['-w', '1'] });
    await forEach(ASKED_ALL.has(model.name) ? requestsFor(model) : fewRequests(model), async (asked) => {
      const theirs = await ask(mlflow.invocations(model.name), asked);
      const ours = await ask(`${server.url}/invocations`, asked);
      const known = DIFFERENCES.find((each) => isListed(each, model.name, asked.name, theirs));
      if (known && known.ours === ours.status) tally.used.add(known);
      else {
        const what = difference(ours, theirs);
        if (what) found.push(`${model.name}, ${asked.name}: ${what}`);
      }
    });
    found.push(...(await differingOldForms(model, server.url, tally)));
    await server.stop();
  }
  return found;
}

/** MLflow 3 refuses the forms of MLflow 1.x: the answer must have what it says to the same rows as `inputs`. */
async function differingOldForms(model: Model, url: string, tally: Tally): Promise<string[]> {
  const [split, records] = oldForms(model);
  const body = JSON.stringify({ inputs: model.inputs });
  const theirs = await ask(mlflow.invocations(model.name), { name: '', body, type: 'application/json' });
  if (!split || !records || theirs.status !== 200) return [];
  const [rows = []] = Object.values(model.inputs) as [unknown[]];
  const expected = rowsOf(comparable(theirs.text), rows.length);
  const found: string[] = [];
  for (const asked of [split, records]) {
    const ours = await ask(`${url}/invocations`, asked);
    tally.oldForms++;
    const what = differenceOf(comparable(ours.text), expected);
    if (what) found.push(`${model.name}, ${asked.name}: ${what}`);
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
  return ours.status === 200 ? differenceOf(comparable(ours.text), comparable(theirs.text)) : undefined;
}

function differenceOf(ours: unknown, theirs: unknown): string | undefined {
  try {
    expectClose(ours, theirs);
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

/** What 1.x gives for each row, of a reply with a record for each row, or a dictionary of outputs. */
function rowsOf(reply: unknown, rows: number): unknown[] {
  const { predictions } = reply as { predictions: Record<string, unknown[]> | Record<string, unknown>[] };
  const value = (cell: unknown) => (Array.isArray(cell) && cell.length === 1 ? cell[0] : cell);
  return Array.from({ length: rows }, (_, row) => {
    const cells = Array.isArray(predictions)
      ? Object.entries(predictions[row] ?? {})
      : Object.entries(predictions).map(([name, output]) => [name, value(output[row])] as const);
    return cells.length === 1 ? cells[0]?.[1] : Object.fromEntries(cells);
  });
}

/**
 * ONNX's own backend tests through the code that serves: every one that Python's onnxruntime passes must pass here, from the
 * text of a request to the text of its reply. A server for each of two thousand models would take too long, so the steps of
 * a worker are called directly.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import runtime from 'onnxruntime-node/package.json' with { type: 'json' };
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readModel } from '../../packager/mlmodel.js';
import { decode, encode } from '../../packager/serving/codecs/codecs.js';
import { infer, load } from '../../packager/serving/engine/session.js';
import { bind } from '../../packager/serving/pyfunc.js';
import { EXAMPLE_REQUIREMENTS, INSTALL_TIME, ONNXRUNTIME_PACKAGE, packagesIn, pythonWith } from '../harness/python.js';
import { comparable } from './comparable-json.js';

/** A line of `onnx_cases.py`. */
interface Case {
  readonly name: string;
  readonly rtol: number;
  readonly atol: number;
  readonly types: readonly string[];
  readonly python: string;
  readonly sets: readonly { readonly body: string; readonly outputs: string }[];
}

const DIALECT = { codec: 'mlflow-json' } as const;

/** Element types and kinds of values that onnxruntime-node cannot pass. */
const INEXPRESSIBLE = new Set(['sequence_type', 'optional_type', 'map_type', 'sparse_tensor_type']);

/** What passes in Python and not here, by name, and why. */
const EXCEPTIONS: readonly { readonly names: RegExp; readonly reason: string }[] = [
  {
    names: /_empty_set(_expanded|_non_reduced_axis_zero)?$|^test_reshape_allowzero_reordered$|^test_tri[lu]_zero$/,
    reason: 'a list without elements does not say what shape they would have; MLflow refuses it too',
  },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test(
  'every backend test that Python passes, and that tensors can express, passes',
  async () => {
    const counts = { total: 0, unsupported: 0, inexpressible: 0, excepted: 0, passed: 0 };
    const failed: string[] = [];
    const used = new Set<unknown>();
    const cases = casesFromPython();
    expect((await cases.next()).value).toBe(runtime.version);
    for await (const line of cases) {
      const each = JSON.parse(line) as Case;
      counts.total++;
      if (each.python !== 'passes') counts.unsupported++;
      else if (each.types.some((type) => INEXPRESSIBLE.has(type))) counts.inexpressible++;
      else {
        const wrong = await run(each, join(folder, each.name)).catch((error: Error) => error.message);
        const exception = EXCEPTIONS.find(({ names }) => wrong !== undefined && names.test(each.name));
        if (wrong === undefined) counts.passed++;
        else if (exception) {
          counts.excepted++;
          used.add(exception);
        } else failed.push(`${each.name}: ${wrong}`);
      }
    }
    const { total, unsupported, inexpressible, excepted, passed } = counts;
    console.log(
      `${passed} of ${total} ONNX backend tests pass. Python's onnxruntime passes ${total - unsupported} of them; ` +
        `${inexpressible} have sequences or optional values, ${excepted} are listed exceptions.`,
    );
    expect(failed).toEqual([]);
    expect(EXCEPTIONS.filter((each) => !used.has(each))).toEqual([]);
    expect(passed).toBeGreaterThan(1400);
  },
  INSTALL_TIME,
);

async function* casesFromPython(): AsyncGenerator<string> {
  const python = await pythonWith(EXAMPLE_REQUIREMENTS);
  const child = spawn(python, [fileURLToPath(new URL('onnx_cases.py', import.meta.url)), folder], {
    env: { ...process.env, PYTHONPATH: await packagesIn(ONNXRUNTIME_PACKAGE) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const code = new Promise((resolve) => child.once('exit', resolve));
  yield* createInterface(child.stdout);
  expect(await code).toBe(0);
}

/** What is wrong, in words; undefined when nothing is. */
async function run({ sets, rtol, atol }: Case, folder: string): Promise<string | undefined> {
  const model = await load(await readModel(folder), 'cpu', 1);
  for (const { body, outputs } of sets) {
    const call = bind(decode(new TextEncoder().encode(body), DIALECT), model);
    const reply = { outputs: await infer(model, call.feeds), form: call.form, rows: call.rows };
    const { body: text } = encode(reply, DIALECT, 'application/json');
    const { predictions } = comparable(new TextDecoder().decode(text)) as { predictions: unknown };
    const wrong = difference(predictions, comparable(outputs), rtol, atol);
    if (wrong) return wrong;
  }
  return undefined;
}

function difference(got: unknown, expected: unknown, rtol: number, atol: number): string | undefined {
  if (typeof expected === 'number' && typeof got === 'number') {
    return Math.abs(got - expected) <= atol + rtol * Math.abs(expected) ? undefined : `${got} is not ${expected}`;
  }
  if (typeof expected !== 'object' || typeof got !== 'object' || !expected || !got) {
    return got === expected ? undefined : `${JSON.stringify(got)} is not ${JSON.stringify(expected)}`;
  }
  const keys = Object.keys(expected);
  if (Object.keys(got).join() !== keys.join()) return `has [${Object.keys(got)}], not [${keys}]`;
  for (const key of keys) {
    const values = [got, expected].map((each) => (each as Record<string, unknown>)[key]);
    const wrong = difference(values[0], values[1], rtol, atol);
    if (wrong) return `${key}: ${wrong}`;
  }
  return undefined;
}

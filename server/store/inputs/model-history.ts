/** The tag in which clients before MLflow 3 keep the models of a run. Source: `_log_model` in `mlflow/server/handlers.py`. */
import { randomUUID } from 'node:crypto';
import { invalid } from '../../../api/index.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';

const HISTORY_TAG = 'mlflow.log-model.history';
const MANDATORY = ['artifact_path', 'flavors', 'run_id', 'utc_time_created'] as const;
const KEPT = ['run_id', 'artifact_path', 'utc_time_created', 'model_uuid'] as const;

/** What of an MLmodel file the history keeps. Throws INVALID_PARAMETER_VALUE. */
export function historyEntry(modelJson: string): Record<string, unknown> {
  const model = objectOf(modelJson);
  if (!model) throw invalid(`Malformed model info. \n ${modelJson} \n is not a valid JSON.`);
  const lacking = MANDATORY.filter((field) => !Object.hasOwn(model, field));
  if (lacking.length > 0) {
    throw invalid(`Model json is missing mandatory fields: {${lacking.map((field) => `'${field}'`).join(', ')}}`);
  }
  const { flavors } = model;
  if (!isObject(flavors)) throw invalid("Malformed model info: 'flavors' must be an object.");
  const entry: Record<string, unknown> = {};
  for (const field of KEPT) if (model[field] !== undefined) entry[field] = model[field];
  entry.model_uuid ??= randomUUID().replaceAll('-', '');
  const withoutConfig = ([name, flavor]: [string, unknown]) => {
    if (!isObject(flavor)) return [name, flavor];
    const { config: _, ...rest } = flavor;
    return [name, rest];
  };
  entry.flavors = Object.fromEntries(Object.entries(flavors).map(withoutConfig));
  return entry;
}

/** Appends to the tag, whatever its length. Throws INVALID_PARAMETER_VALUE when the tag holds something else. */
export async function appendToHistory(ctx: StoreContext, run: number, entry: Record<string, unknown>): Promise<void> {
  const before = await ctx.db.get<{ value: string }>(
    sql`select value from tags where run = ${run} and key = ${HISTORY_TAG} ${ctx.db.dialect.forUpdate}`,
  );
  const history = before ? listOf(before.value) : [];
  if (!history) throw invalid(`The tag ${HISTORY_TAG} of the run does not hold a JSON array.`);
  const value = JSON.stringify([...history, entry]);
  await ctx.db.run(
    sql`insert into tags (run, key, value) values (${run}, ${HISTORY_TAG}, ${value})
        on conflict (run, key) do update set value = excluded.value`,
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectOf(json: string): Record<string, unknown> | undefined {
  const value = parsed(json);
  return isObject(value) ? value : undefined;
}

function listOf(json: string): unknown[] | undefined {
  const value = parsed(json);
  return Array.isArray(value) ? value : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** MLflow's rules for names, lengths and page sizes, in its words. Source: `mlflow/utils/validation.py`. */
import { invalid, LIMITS, type Metric } from '../../api/index.js';

const KEY_CHARACTERS = /^[/\p{L}\p{N}_.\- :]*$/u;

const BAD_CHARACTERS =
  'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).';

const invalidValue = (path: string, value: unknown, why: string) =>
  invalid(`Invalid value ${asciiJson(value)} for parameter '${path}' supplied: ${why}`);

/** As Python's `json.dumps`. */
const asciiJson = (value: unknown) =>
  JSON.stringify(value).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A key of a metric, param or tag: its characters, its length, and that it would not leave its folder as a file. */
export function checkKey(key: string, path: string, noun = path): void {
  checkCharacters(key, path);
  checkLength(noun, key, LIMITS.keyLength);
}

/** The same without a limit to its length. */
export function checkCharacters(key: string, path: string): void {
  if (!KEY_CHARACTERS.test(key)) throw invalidValue(path, key, BAD_CHARACTERS);
  checkPathlike(key, path);
}

/** That a name, taken as a path, would not lead to another place. */
export function checkPathlike(key: string, path: string): void {
  const resolved = normalized(key);
  if (resolved !== key || resolved === '.' || resolved.startsWith('..') || resolved.startsWith('/')) {
    throw invalidValue(
      path,
      key,
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${resolved}'`,
    );
  }
}

export function checkLength(noun: string, value: string, limit: number): void {
  if (value.length > limit && [...value].length > limit) {
    throw invalid(`'${noun}' exceeds the maximum length of ${limit} characters`);
  }
}

/** As Python's `posixpath.normpath`. */
function normalized(path: string): string {
  const absolute = path.startsWith('/') ? (/^\/\/(?!\/)/.test(path) ? '//' : '/') : '';
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || absolute === '') parts.push(part);
  }
  return absolute + parts.join('/') || '.';
}

/** The run a request means: `run_uuid` is the older name. */
export function runIdOf(request: { run_id?: string | undefined; run_uuid?: string | undefined }): string {
  const id = request.run_id || request.run_uuid;
  if (!id) {
    throw invalid(
      "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.",
    );
  }
  return id;
}

/** An experiment's numeric id; undefined for a number that names nothing. Throws INVALID_PARAMETER_VALUE for what is no integer. */
export function experimentIdOf(id: string): number | undefined {
  if (!/^-?[0-9]+$/.test(id)) throw invalid(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** As many as a statement can have beside what else it binds. */
const MOST_EXPERIMENTS = 10_000;

/** The ids that can name an experiment, each once. Throws INVALID_PARAMETER_VALUE for what is no integer. */
export function experimentIdsOf(ids: readonly string[]): number[] {
  const found = new Set(ids.map(experimentIdOf).filter((id) => id !== undefined));
  if (found.size > MOST_EXPERIMENTS) throw invalid(`A search takes at most ${MOST_EXPERIMENTS} experiment_ids.`);
  return [...found];
}

export function checkTimestamp({ key, value, timestamp }: Metric, path: string): void {
  if (timestamp < 0) {
    const why = `metric '${key}' (value=${value}). Timestamp must be a nonnegative long (64-bit integer) `;
    throw invalidValue(path, Number(timestamp), why);
  }
}

/** How many results a page may have: the given number, or `fallback`. */
export function pageSize(given: number | undefined, fallback: number, most: number): number {
  const wanted = given ?? fallback;
  if (wanted < 1) {
    throw invalid(`Invalid value ${wanted} for parameter 'max_results' supplied. It must be a positive integer`);
  }
  if (wanted > most) {
    throw invalid(`Invalid value ${wanted} for parameter 'max_results' supplied. It must be at most ${most}`);
  }
  return wanted;
}

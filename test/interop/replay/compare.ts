/** Whether two answers say the same, where each server has ids and times of its own: those are compared by correspondence. */
import { comparable } from '../comparable-json.js';
import type { Answer, Names } from './server.js';

const ID = /^(m-)?[0-9a-f]{32}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MADE_UP_NAME = /^[a-z]+(-[a-z]+)+-\d+$/;
const TIME_FIELD = /time(stamp)?(_ms)?$/;
/** Where each server counts for itself. */
const NUMBERED_FIELD = /\.(experiment_id|version|artifact_uri|artifact_location|root_uri)$/;
/** Opaque to clients. */
const TOKEN_FIELD = /\.next_page_token$/;
/** Times of both servers may lie so far apart, in ms. */
const CLOCK = 120_000;

/** What differs, in words; undefined when nothing does. */
export function difference(ours: Answer, theirs: Answer, names: { ours: Names; theirs: Names }): string | undefined {
  if (ours.status !== theirs.status) return 'status';
  const mine = parsed(ours.text, names.ours);
  const judge = parsed(theirs.text, names.theirs);
  if (ours.status >= 400) {
    if (!isError(judge)) return undefined;
    if (!isError(mine)) return 'no error';
    if (mine.error_code !== judge.error_code) return 'error_code';
    return said(mine) === said(judge) ? undefined : 'message';
  }
  return differing(mine, judge, '', new Map());
}

interface ErrorAnswer {
  error_code: string;
  message: string;
}

/** MLflow has this after some messages, and not after others that say the same. */
const said = ({ message }: ErrorAnswer) =>
  message.replace(' See the API docs for more information about request parameters.', '');

const isError = (value: unknown): value is ErrorAnswer =>
  typeof value === 'object' && value !== null && 'error_code' in value;

/** JSON with the names of the requests in place of ids, or the text. */
function parsed(text: string, names: Names): unknown {
  const replaced = [...names]
    .filter(([name]) => name !== '$experiment')
    .reduce((before, [name, value]) => before.replaceAll(value, name), text);
  const experiment = names.get('$experiment');
  const masked = replaced
    .replace(new RegExp(`\\b(id |id=|experiment )${experiment}\\b`, 'g'), '$1$experiment')
    .replace(/"experiment_id": ?"(\d+)"/g, (_, id) => `"experiment_id":"${id === experiment ? '$experiment' : id}"`)
    .replace(new RegExp(`mlflow-artifacts:/${experiment}(?=/|")`, 'g'), 'mlflow-artifacts:/$experiment');
  try {
    return comparable(masked);
  } catch {
    return masked;
  }
}

function differing(mine: unknown, judge: unknown, path: string, ids: Map<string, string>): string | undefined {
  if (Array.isArray(mine) && Array.isArray(judge)) {
    if (mine.length !== judge.length) return `${path}: ${mine.length} items, not ${judge.length}`;
    const [ourItems, theirItems] = [sorted(mine), sorted(judge)];
    return first(ourItems.map((item, i) => () => differing(item, theirItems[i], `${path}[${i}]`, ids)));
  }
  if (isObject(mine) && isObject(judge)) {
    const keys = [...new Set([...Object.keys(mine), ...Object.keys(judge)])];
    return first(keys.map((key) => () => differing(mine[key], judge[key], `${path}.${key}`, ids)));
  }
  if (Object.is(mine, judge) || (mine === 0 && judge === 0)) return undefined;
  if (typeof mine === 'string' && typeof judge === 'string' && TOKEN_FIELD.test(path)) return undefined;
  if (typeof mine === 'string' && typeof judge === 'string' && sameText(mine, judge, ids, NUMBERED_FIELD.test(path)))
    return undefined;
  if (typeof mine === 'number' && typeof judge === 'number' && TIME_FIELD.test(path)) {
    if (mine > 1e12 && Math.abs(mine - judge) < CLOCK) return undefined;
  }
  return `${path}: ${JSON.stringify(mine)}, not ${JSON.stringify(judge)}`;
}

function sameText(mine: string, judge: string, ids: Map<string, string>, numbered: boolean): boolean {
  if (MADE_UP_NAME.test(mine) && MADE_UP_NAME.test(judge)) return true;
  const [ours, theirs] = [mine.split(/([/",: ]+)/), judge.split(/([/",: ]+)/)];
  return ours.length === theirs.length && ours.every((part, i) => samePart(part, theirs[i] as string, ids, numbered));
}

function samePart(mine: string, judge: string, ids: Map<string, string>, numbered: boolean): boolean {
  if (mine === judge) return true;
  const isId = (ID.test(mine) && ID.test(judge)) || (numbered && /^\d{1,6}$/.test(mine) && /^\d{1,6}$/.test(judge));
  if (!isId) return false;
  const known = ids.get(mine);
  if (known === undefined) ids.set(mine, judge);
  return known === undefined || known === judge;
}

/** MLflow's order of params, tags and metrics of a run is its database's. */
function sorted(items: readonly unknown[]): readonly unknown[] {
  const keyed = items.every((item) => isObject(item) && typeof item.key === 'string');
  const keyOf = (item: unknown) => (item as { key: string }).key;
  return keyed ? items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0)) : items;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is known of the program that starts a run, as the tags that MLflow has for it, and some of our own. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { type KeyValue, LIMITS } from '../../../api/index.js';
import { type GitState, gitState, isDirty } from './git.js';

/** Values of flags that are nobody's business: `--token abc`, `--api-key=abc`. */
const SECRET = /(pass(word|wd)?|secret|token|credential|(api|access|private)[-_]?key)/i;

interface Context {
  readonly tags: readonly KeyValue[];
  readonly git: GitState | undefined;
}

let context: Context | undefined;

/** The tags that every run of this process starts with. Read once; it never throws. */
export function contextTags(): readonly KeyValue[] {
  return known().tags;
}

let dirty: Promise<boolean | undefined> | undefined;

/** The tag that takes git a moment; empty when there is nothing to say. It never rejects. */
export async function changedTag(): Promise<Record<string, string>> {
  const { git } = known();
  if (!git) return {};
  dirty ??= isDirty(git);
  const value = await dirty;
  return value === undefined ? {} : { 'mlflow.source.git.dirty': String(value) };
}

function known(): Context {
  context ??= collect();
  return context;
}

function collect(): Context {
  const script = process.argv[1];
  // A test runner, a launcher: what runs in it is the folder's.
  const isTool = script === undefined || /[\\/]node_modules[\\/]/.test(script);
  const folder = isTool ? process.cwd() : dirname(script);
  const git = gitState(folder) ?? gitState(process.cwd());
  const owner = packageOf(folder) ?? packageOf(process.cwd());
  const tags = {
    'mlflow.user': process.env.MLFLOW_TRACKING_USERNAME || userName(),
    'mlflow.source.name': script ?? '<console>',
    'mlflow.source.type': 'LOCAL',
    'mlflow.source.git.commit': git?.commit,
    'mlflow.source.git.branch': git?.branch,
    'mlflow.source.git.repoURL': git?.repoUrl,
    'mltrack.node.version': process.versions.node,
    'mltrack.package.name': owner?.name,
    'mltrack.package.version': owner?.version,
    'mltrack.commandLine': commandLine(process.argv),
    ...environmentTags(),
  };
  const pairs = Object.entries(tags).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [{ key, value: value.slice(0, LIMITS.tagValueLength) }],
  );
  return { tags: pairs, git };
}

/** MLflow's own variable: tags as a JSON object. */
function environmentTags(): Record<string, string> {
  try {
    const given: unknown = JSON.parse(process.env.MLFLOW_RUN_CONTEXT ?? '{}');
    if (typeof given !== 'object' || given === null) return {};
    return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
  } catch {
    return {};
  }
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as in many containers.
    return undefined;
  }
}

interface Package {
  readonly name?: string;
  readonly version?: string;
}

/** The package that the folder belongs to. */
function packageOf(folder: string): Package | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
    return { ...(typeof name === 'string' && { name }), ...(typeof version === 'string' && { version }) };
  } catch {
    const above = dirname(folder);
    return above === folder ? undefined : packageOf(above);
  }
}

/** As one would type it, with the values of secrets left out. */
export function commandLine(argv: readonly string[]): string {
  let hides = false;
  const shown = argv.map((word) => {
    const isFlag = word.startsWith('-');
    const hidden = hides && !isFlag;
    hides = isFlag && SECRET.test(word) && !word.includes('=');
    if (hidden) return '***';
    const [flag = '', ...rest] = word.split('=');
    const safe = rest.length > 0 && SECRET.test(flag) ? `${flag}=***` : word;
    return /^[\w@%+=:,./~*-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
  });
  return shown.join(' ');
}

/** The active run, and the functions that write to it. What differs between Node and a browser comes in as the platform. */
import type { RunInfo, RunStatus } from '../api/index.js';
import { type Connection, withoutRetries } from './connect.js';
import type { Content, ParamValue, RunStart, StoredContent } from './entries.js';
import { type Flushed, MemoryJournal } from './journal.js';
import { Problems } from './problems.js';
import { FLUSH_TIMEOUT, type MetricOptions, type Run, type RunOptions, type RunParts } from './run.js';

/** The runs of one part of a program: of a `withRun`, or of all that is outside. */
export interface Scope<R> {
  /** The run of the `withRun`. */
  readonly outer: R | undefined;
  /** Started within, the last one last. */
  readonly started: R[];
}

export interface Platform<R extends Run, O extends RunOptions> {
  connect(uri?: string): Connection;
  /** What the environment says of runs. */
  defaults(): { experiment?: string; experimentId?: string };
  /** Opens the run, of which nothing is known to the server yet. */
  open(parts: Omit<RunParts, 'journal'>, options: O): R;
  readonly scopes: Scopes<R>;
}

export interface Scopes<R> {
  current(): Scope<R> | undefined;
  within<T>(scope: Scope<R>, body: () => T): T;
}

/** In a browser a withRun is left when its promise is settled; runs side by side need their handles. */
export function stackedScopes<R>(): Scopes<R> {
  const stack: Scope<R>[] = [];
  return {
    current: () => stack.at(-1),
    within(scope, body) {
      stack.push(scope);
      const leave = () => stack.splice(stack.lastIndexOf(scope), 1);
      const result = body();
      if (result instanceof Promise) result.then(leave, leave);
      else leave();
      return result;
    },
  };
}

export interface Tracking<R extends Run, O extends RunOptions> {
  /** The server that runs go to from now on. */
  setTrackingUri(uri: string): void;
  /** The experiment, by name, that runs are for from now on. It is created when the first of them is. */
  setExperiment(name: string): void;
  /** Begins a run, which is the active one until it ends. It returns at once and never throws. */
  startRun(options?: O): R;
  /** Runs `body` with an active run of its own, which ends FINISHED, or FAILED when `body` throws: the error is thrown on. */
  withRun<T>(body: (run: R) => Promise<T> | T): Promise<T>;
  withRun<T>(options: O, body: (run: R) => Promise<T> | T): Promise<T>;
  activeRun(): R | undefined;
  /** The active run; one is started when there is none. */
  currentRun(): R;
  log(values: Readonly<Record<string, number>>, options?: MetricOptions): void;
  logMetric(key: string, value: number, options?: MetricOptions): void;
  logMetrics(values: Readonly<Record<string, number>>, options?: MetricOptions): void;
  logParam(key: string, value: ParamValue): void;
  logParams(params: Readonly<Record<string, ParamValue>>): void;
  setTag(key: string, value: ParamValue): void;
  setTags(tags: Readonly<Record<string, ParamValue>>): void;
  logBytes(content: Content, path: string): void;
  logText(text: string, path: string): void;
  logDict(value: unknown, path: string): void;
  /** Waits for all open runs. */
  flush(timeout?: number): Promise<Flushed>;
  /** Ends the active run. */
  endRun(status?: RunStatus): Promise<void>;
  /** The runs that have not ended, or whose end is on its way. */
  unsettledRuns(): readonly R[];
}

export function tracking<R extends Run, O extends RunOptions>(platform: Platform<R, O>): Tracking<R, O> {
  const { scopes } = platform;
  const outside: Scope<R> = { outer: undefined, started: [] };
  const unsettled = new Set<Run>();
  let uri: string | undefined;
  let client: Connection | undefined;
  let experiment: string | undefined;

  const scope = () => scopes.current() ?? outside;
  const activeIn = ({ started, outer }: Scope<R>) => started.findLast((run) => !run.ended) ?? outer;
  const activeRun = () => activeIn(scope()) ?? activeIn(outside);

  function begin(options: O, place: Scope<R>): R {
    const problems = new Problems(options.onError);
    client ??= platform.connect(uri);
    const localId = crypto.randomUUID().replaceAll('-', '');
    const parent = parentOf(options);
    const start = startOf(localId, { ...defaultExperiment(options, parent), ...options }, parent);
    const flushTimeout = options.flushTimeout ?? FLUSH_TIMEOUT;
    const ended = (run: Run) => {
      for (const each of [place, outside]) {
        const at = each.started.indexOf(run as R);
        if (at >= 0) each.started.splice(at, 1);
      }
    };
    const settled = (run: Run) => unsettled.delete(run);
    const run = platform.open(
      { start, client: options.client ?? client, problems, flushTimeout, ended, settled },
      options,
    );
    unsettled.add(run);
    if (options.params) run.logParams(options.params);
    return run;
  }

  function parentOf({ parent, nested }: RunOptions): Run | string | undefined {
    if (parent === null) return undefined;
    if (parent !== undefined) return parent;
    return nested ? activeRun() : scopes.current()?.outer;
  }

  /** A nested run is in its parent's experiment. */
  function defaultExperiment(
    options: RunOptions,
    parent: Run | string | undefined,
  ): Pick<RunOptions, 'experiment' | 'experimentId'> {
    if (options.experiment !== undefined || options.experimentId !== undefined) return {};
    if (typeof parent === 'object') {
      const { experiment, experiment_id: experimentId } = parent.start;
      return { ...(experiment !== undefined && { experiment }), ...(experimentId !== undefined && { experimentId }) };
    }
    return experiment === undefined ? platform.defaults() : { experiment };
  }

  function startRun(options = {} as O): R {
    const place = scope();
    const run = begin(options, place);
    place.started.push(run);
    return run;
  }

  async function withRun<T>(...args: [Body<R, T>] | [O, Body<R, T>]): Promise<T> {
    const [options, body] = args.length === 1 ? [{} as O, args[0]] : args;
    const run = begin(options, scope());
    try {
      const result = await scopes.within({ outer: run, started: [] }, () => callAsync(body, run));
      await run.end('FINISHED');
      return result;
    } catch (error) {
      await run.made();
      run.markEnded('FAILED', error);
      await run.end('FAILED');
      throw error;
    }
  }

  const currentRun = () => activeRun() ?? startRun();

  return {
    setTrackingUri(to) {
      uri = to;
      client = undefined;
    },
    setExperiment(name) {
      experiment = name;
    },
    startRun,
    withRun,
    activeRun,
    currentRun,
    log: (values, options) => currentRun().log(values, options),
    logMetric: (key, value, options) => currentRun().logMetric(key, value, options),
    logMetrics: (values, options) => currentRun().logMetrics(values, options),
    logParam: (key, value) => currentRun().logParam(key, value),
    logParams: (params) => currentRun().logParams(params),
    setTag: (key, value) => currentRun().setTag(key, value),
    setTags: (tags) => currentRun().setTags(tags),
    logBytes: (content, path) => currentRun().logBytes(content, path),
    logText: (text, path) => currentRun().logText(text, path),
    logDict: (value, path) => currentRun().logDict(value, path),
    async flush(timeout) {
      const flushed = await Promise.all([...unsettled].map((run) => run.flush(timeout)));
      return flushed.find(({ delivered }) => !delivered) ?? { delivered: true };
    },
    async endRun(status) {
      await activeRun()?.end(status);
    },
    unsettledRuns: () => [...unsettled] as R[],
  };
}

type Body<R, T> = (run: R) => Promise<T> | T;

/** What `body` throws at once is a rejection too. */
async function callAsync<R, T>(body: Body<R, T>, run: R): Promise<T> {
  return body(run);
}

function startOf(local_id: string, options: RunOptions, parent: Run | string | undefined): RunStart {
  const { experiment, experimentId, name, runId } = options;
  const tags = Object.entries(options.tags ?? {}).map(([key, value]) => ({ key, value: String(value) }));
  return {
    local_id,
    start_time: Date.now(),
    tags,
    ...(experiment !== undefined && experimentId === undefined && { experiment }),
    ...(experimentId !== undefined && { experiment_id: experimentId }),
    ...(name !== undefined && { name }),
    ...(runId !== undefined && { run_id: runId }),
    ...(typeof parent === 'string' && { parent_run_id: parent }),
    ...(typeof parent === 'object' && { parent_local_id: parent.localId }),
  };
}

/** Run ids by local id, of the runs that this program keeps in memory. */
const known = new Map<string, Promise<string>>();

/** The journal of a run that is kept in memory. */
export function inMemory(
  { start, client, problems }: Pick<RunParts, 'start' | 'client' | 'problems'>,
  store?: (client: Connection, rootUri: string, path: string, content: StoredContent) => Promise<void>,
  info?: Promise<RunInfo>,
): MemoryJournal {
  const twin = withoutRetries(client);
  const journal = new MemoryJournal(start, {
    destination: {
      client: twin,
      store: (rootUri, path, content) => (store ?? storeBytes)(twin, rootUri, path, content),
    },
    problems,
    parentOf: async (localId) => known.get(localId),
    ...(info && { info }),
  });
  const id = journal.established.then(({ run_id }) => run_id);
  id.catch(() => {});
  known.set(start.local_id, id);
  return journal;
}

async function storeBytes(client: Connection, rootUri: string, path: string, content: StoredContent): Promise<void> {
  if (content instanceof Uint8Array) await client.artifacts.put(rootUri, path, content);
}

/** What goes along with a run in Node: tags of where it comes from, system metrics, and, on request, what the program prints. */
import type { RunStart } from '../entries.js';
import { captureOutput } from './capture-output.js';
import { changedTag, contextTags } from './context/tags.js';
import type { Run } from './run.js';
import { startSystemMetrics, wantsSystemMetrics } from './system/monitor.js';

export interface AccompanyOptions {
  /** Tags with user, script, command line, package, Node and git's state. Default true. */
  context?: boolean;
  /** Metrics `system/…` every ten seconds. Default true, unless MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING says no. */
  systemMetrics?: boolean;
  /** Keeps what the program prints, 5 MB at most, and logs it as the artifact `output.log` when the run ends. Default false. */
  captureOutput?: boolean;
}

export const OUTPUT_FILE = 'output.log';

/** The start of the run with the context's tags, before which those that were given count. A run that goes on keeps those it has. */
export function withContext(start: RunStart, { context = true }: AccompanyOptions): RunStart {
  if (!context || start.run_id !== undefined) return start;
  const given = new Set(start.tags.map(({ key }) => key));
  return { ...start, tags: [...contextTags().filter(({ key }) => !given.has(key)), ...start.tags] };
}

/** Begins what goes along with the run, until it ends. */
export function accompany(run: Run, options: AccompanyOptions): void {
  const { context = true, systemMetrics = wantsSystemMetrics(), captureOutput: captures = false } = options;
  if (context && run.start.run_id === undefined) {
    run.waitFor(
      changedTag().then((tags) => {
        if (!run.ended && Object.keys(tags).length > 0) run.setTags(tags);
      }),
    );
  }
  if (systemMetrics) {
    run.beforeEnd(startSystemMetrics({ log: (...args) => run.log(...args), firstStep: () => firstStep(run) }));
  }
  if (captures) {
    const stop = captureOutput();
    run.beforeEnd(() => run.logBytes(stop(), OUTPUT_FILE));
  }
}

/** After the last step that the run has of system metrics, where it goes on. */
async function firstStep(run: Run): Promise<number> {
  if (run.start.run_id === undefined) return 0;
  try {
    const { metrics = [] } = (await run.client.getRun({ run_id: run.start.run_id })).run.data;
    const steps = metrics.filter(({ key }) => key.startsWith('system/')).map(({ step }) => Number(step));
    return Math.max(-1, ...steps) + 1;
  } catch {
    // Steps that come twice are better than none.
    return 0;
  }
}

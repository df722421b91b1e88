/**
 * How a `sagemaker` command runs: what it says, how a Ctrl-C ends it (once, what it created is removed; twice, it stops where
 * it is), and what becomes of it in a dry run.
 */
import type { Conversation, PlannedCall } from '../../packager/index.js';

/** What a shell sees of a command that was interrupted. */
const INTERRUPTED = 130;

/** Progress goes to stderr: stdout has the result alone. Ends the process when `body` was interrupted. */
export async function interruptible<T>(body: (conversation: Conversation) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    console.error('mltrack: interrupted; again, and it stops without tidying up');
    controller.abort(new Error('interrupted'));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await body({ progress: (line) => console.error(line), signal: controller.signal });
  } catch (error) {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

export interface HowToRun {
  readonly dryRun: boolean;
  /** A dry run's calls as one JSON list. */
  readonly json?: boolean;
}

/** Runs a verb and prints its result, or with `dryRun` the calls it would make instead. */
export async function runVerb<T>(
  { dryRun, json = false }: HowToRun,
  verb: (conversation: Conversation) => Promise<T>,
  print: (result: T) => void,
): Promise<void> {
  if (!dryRun) {
    print(await interruptible(verb));
    return;
  }
  const calls: PlannedCall[] = [];
  // What it would say of its progress did not happen.
  await interruptible(({ signal }) =>
    verb({ signal, progress: () => {}, dryRun: { record: (call) => calls.push(call) } }),
  );
  if (json) console.log(JSON.stringify(calls));
  else
    for (const { service, operation, input } of calls) console.log(`${service}.${operation} ${JSON.stringify(input)}`);
}

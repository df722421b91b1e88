/** How a `sagemaker` command talks, and how a Ctrl-C ends it: once, what it created is removed; twice, it stops where it is. */
import type { Conversation } from '../../packager/index.js';

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

/** What a command has created so far, and how to remove it when the command fails or is interrupted. */
import type { DryRun } from './aws/dry-run.js';

/** Where a command tells what it does, a line at a time, and how it is interrupted. */
export interface Conversation {
  progress(line: string): void;
  readonly signal?: AbortSignal | undefined;
  /** Is told the calls that would change something, instead of their being made. */
  readonly dryRun?: DryRun | undefined;
}

export interface Undo {
  /**
   * Told before the thing is created: a call whose answer was lost may have created it. `action` resolves to whether there
   * was something to remove.
   */
  add(what: string, action: () => Promise<boolean>): void;
  /** What was created stays from now on. */
  keep(): void;
}

/**
 * Runs `body`; when it throws, removes what it created, the latest first, says each, and throws on. `failed` is called before.
 * Where one thing cannot be removed, it stays with all that was created before it and that it may use, and these are named.
 */
export async function withUndo<T>(
  { progress }: Conversation,
  failed: () => void,
  body: (undo: Undo) => Promise<T>,
): Promise<T> {
  let steps: { what: string; action: () => Promise<boolean> }[] = [];
  const undo: Undo = {
    add: (what, action) => steps.push({ what, action }),
    keep: () => {
      steps = [];
    },
  };
  try {
    return await body(undo);
  } catch (error) {
    failed();
    for (let step = steps.pop(); step; step = steps.pop()) {
      try {
        if (await step.action()) progress(`removed ${step.what}`);
      } catch (reason) {
        progress(`could not remove ${step.what}: ${(reason as Error).message}`);
        if (steps.length > 0) progress(`left: ${steps.map(({ what }) => what).join(', ')}`);
        break;
      }
    }
    throw error;
  }
}

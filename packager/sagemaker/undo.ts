/** What a command has created so far, and how to remove it when the command fails or is interrupted. */

/** Where a command tells what it does, a line at a time, and how it is interrupted. */
export interface Conversation {
  progress(line: string): void;
  readonly signal?: AbortSignal | undefined;
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
 * What cannot be removed is said with its name and left.
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
    for (const { what, action } of steps.reverse()) {
      try {
        if (await action()) progress(`removed ${what}`);
      } catch (reason) {
        progress(`could not remove ${what}: ${(reason as Error).message}`);
      }
    }
    throw error;
  }
}

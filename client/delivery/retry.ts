/** Which failures pass by waiting, and how long to wait between two tries. */
import { MltrackError } from '../../api/index.js';
import type { Problems } from '../problems.js';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;

/** Statuses below 500 that another try may change: time-out, too many requests, and credentials that someone may put right. */
const WAITING_STATUSES = new Set([401, 403, 408, 429]);

/** Whether the request itself is at fault. Everything else is tried again: a proxy's page, a lost connection, a server in trouble. */
export function isRefusal(error: unknown): error is MltrackError {
  if (!(error instanceof MltrackError)) return false;
  const { status } = error;
  return status === 501 || (status < 500 && !WAITING_STATUSES.has(status));
}

/** Whether the server may have done what was asked although it looks failed. */
export const isAmbiguous = (error: unknown) => !(error instanceof MltrackError) || error.status >= 500;

export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Tries until it works, is refused, or nobody wants it any more. */
export class Retrier {
  readonly #uri: string;
  readonly #problems: Problems;
  #failures = 0;
  #stopped = false;
  readonly #wakes = new Set<() => void>();

  constructor(uri: string, problems: Problems) {
    this.#uri = uri;
    this.#problems = problems;
  }

  /** How often in a row the last request has failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Throws the refusal, or Stopped. */
  async run<T>(attempt: () => Promise<T>, onFailure: (error: unknown) => void = () => {}): Promise<T> {
    for (;;) {
      if (this.#stopped) throw new Stopped();
      try {
        const result = await attempt();
        this.#failures = 0;
        return result;
      } catch (error) {
        if (isRefusal(error)) {
          this.#failures = 0;
          throw error;
        }
        onFailure(error);
        this.#failures++;
        this.#tell(error);
        await this.#pause(error);
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const wake of this.#wakes) wake();
  }

  #tell(error: unknown): void {
    const message = (error as Error)?.message ?? String(error);
    const code = error instanceof MltrackError ? error.status : 0;
    if (code === 401 || code === 403) {
      const cure = 'Credentials are MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD';
      const told = `${this.#uri} does not take what is logged: ${message}.${code === 401 ? ` ${cure}.` : ''}`;
      this.#problems.tell('credentials', `${told} It is kept and sent later.`);
    } else if (this.#failures > 1) {
      this.#problems.tell('unreachable', `${message}. What is logged is kept and sent later.`);
    }
  }

  #pause(error: unknown): Promise<void> {
    const asked = error instanceof MltrackError ? (error.retryAfter ?? 0) * 1000 : 0;
    const doubled = Math.min(FIRST_PAUSE * 2 ** (this.#failures - 1), LONGEST_PAUSE);
    const wait = Math.max(Math.min(asked, LONGEST_PAUSE), doubled * (0.5 + Math.random()));
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, wait);
      unref(timer);
      this.#wakes.add(wake);
    });
  }
}

/** A timer that does not keep Node's process; in a browser there is nothing to keep. */
export function unref(timer: unknown): void {
  (timer as { unref?(): void }).unref?.();
}

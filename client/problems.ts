/** What goes wrong while a run is recorded is told, never thrown: once a kind on stderr, or to the program's own hook. */

export type ProblemKind =
  /** A value, key, step or option that cannot be recorded. */
  | 'bad-value'
  /** Something was logged after the end. */
  | 'ended'
  /** The server does not answer, or asks to wait. */
  | 'unreachable'
  /** The server does not let this user write. */
  | 'credentials'
  /** The server refused a record for good. */
  | 'refused'
  /** The run could not be created. */
  | 'not-created'
  /** The spool cannot be written. */
  | 'spool'
  /** Records were dropped: there was no room left in memory. */
  | 'dropped'
  /** A file could not be read. */
  | 'file'
  /** Something is left to deliver when the process ends. */
  | 'left';

export interface Problem {
  readonly kind: ProblemKind;
  readonly message: string;
}

export type OnProblem = (problem: Problem) => void;

export class Problems {
  readonly #hook: OnProblem | undefined;
  readonly #told = new Set<string>();

  constructor(hook?: OnProblem) {
    this.#hook = hook;
  }

  /** `about` tells apart what one kind says of several things. */
  tell(kind: ProblemKind, message: string, about = ''): void {
    if (!this.#hook) {
      const once = `${kind} ${about}`;
      if (this.#told.has(once)) return;
      this.#told.add(once);
      console.error(`mltrack: ${message}`);
      return;
    }
    try {
      this.#hook({ kind, message });
    } catch (error) {
      console.error(`mltrack: onError threw ${error}`);
    }
  }
}

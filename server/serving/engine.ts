/** What answers predictions: a program that the server does not know. Whoever creates the server brings it. */
import type { ServingParam, ServingSpec } from '../../api/index.js';

/** What an `MLmodel` file says. */
export interface ReadModel {
  readonly flavors: readonly string[];
  readonly inputs: readonly ServingSpec[] | undefined;
  readonly outputs: readonly ServingSpec[] | undefined;
  readonly params: readonly ServingParam[];
  /** A file beside it with a request's body; `wrappedIn` names the field that its content belongs in. */
  readonly example: { readonly path: string; readonly wrappedIn?: string } | undefined;
  /** Why the engine does not run it. */
  readonly refusal: string | undefined;
}

export interface ServingProcess {
  /** Of this machine, once it answers; rejects with the reason in one line when it ends before. */
  readonly url: Promise<string>;
  /** What it said last, once it has ended. */
  readonly ended: Promise<string>;
  /** Ends it; it ends by itself when this process does. */
  kill(): void;
}

export interface ServingEngine {
  /** Throws an Error of one line for a text that is no MLmodel. `where` names the model in it. */
  read(mlmodel: string, where: string): Promise<ReadModel>;
  /** Starts a process for the model in a folder: `POST /invocations`. */
  spawn(folder: string): ServingProcess;
}

/** What the program and its sender say to each other, and the memory that they share. */
import type { RunInfo } from '../../../api/index.js';
import type { ConnectOptions } from '../../connect.js';
import type { ProblemKind } from '../../problems.js';

export interface Server {
  readonly uri: string;
  /** Without `fetch`, which cannot go to a thread. */
  readonly options: ConnectOptions;
}

export type ToSender =
  /** Deliver a folder that this program writes. */
  | { type: 'open'; folder: string; shared: SharedArrayBuffer; server: Server }
  /** Answer once all up to the position has arrived. */
  | { type: 'flush'; id: number; localId: string; upTo: number }
  | { type: 'unflush'; id: number; localId: string }
  /** The rest of the run is elsewhere: remove the folder once it is delivered this far. */
  | { type: 'leave'; localId: string }
  /** Deliver what programs that are gone have left for this server. */
  | { type: 'adopt'; directory: string; server: Server };

export type FromSender =
  | { type: 'created'; localId: string; info: RunInfo }
  /** The run cannot be created. */
  | { type: 'failed'; localId: string; code: string; message: string }
  | { type: 'flushed'; id: number }
  | { type: 'problem'; localId: string; kind: ProblemKind; message: string };

/** What a program may read of a delivery without waiting for a message. */
export class SharedState {
  readonly buffer: SharedArrayBuffer;
  readonly #acknowledged: BigInt64Array;
  readonly #failed: Int32Array;

  constructor(buffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer;
    this.#acknowledged = new BigInt64Array(buffer, 0, 1);
    this.#failed = new Int32Array(buffer, 8, 1);
  }

  get acknowledged(): number {
    return Number(Atomics.load(this.#acknowledged, 0));
  }

  set acknowledged(position: number) {
    Atomics.store(this.#acknowledged, 0, BigInt(position));
  }

  /** The run cannot be created: nothing will arrive. */
  get failed(): boolean {
    return Atomics.load(this.#failed, 0) === 1;
  }

  fail(): void {
    Atomics.store(this.#failed, 0, 1);
  }
}

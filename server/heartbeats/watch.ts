/** Looks now and then for runs whose programs have fallen silent. */
import { encode } from '../encode.js';
import type { Backend } from '../threads/backend.js';
import type { Log } from '../threads/thread.js';

export class HeartbeatWatch {
  readonly #backend: Backend;
  readonly #timeout: number;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  /** `timeout` in ms; 0 never looks. */
  constructor(backend: Backend, timeout: number, log: Log) {
    this.#backend = backend;
    this.#timeout = timeout;
    this.#log = log;
    // First after a whole time-out: while no server was there, nobody could be heard.
    if (timeout > 0) this.#lookIn(timeout);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#look()
        .catch((error: Error) => this.#log(`heartbeats: ${error.message}`))
        .finally(() => this.#lookIn(Math.min(this.#timeout / 4, 15_000)));
    }, ms).unref();
  }

  async #look(): Promise<void> {
    const before = Date.now() - this.#timeout;
    for (let run_id = await this.#end(before); run_id !== undefined; run_id = await this.#end(before)) {
      this.#log(`heartbeats: nothing more was heard of run ${run_id}, which is marked KILLED`);
    }
  }

  async #end(before: number): Promise<string | undefined> {
    const response = await this.#backend.send({
      endpoint: 'endSilentRun',
      fields: {},
      body: [encode({ before })],
      requestId: 'heartbeats',
      identity: 'server',
      deadline: Date.now() + 60_000,
    });
    const answer = JSON.parse(Buffer.from(response.body).toString()) as { run_id?: string; message?: string };
    if (response.status !== 200) throw new Error(response.failure ?? answer.message);
    return answer.run_id;
  }
}

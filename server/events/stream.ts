/** One listener: which runs it asked for, and the bytes it is sent. Format: server-sent events of the HTML standard. */
import type { ServerResponse } from 'node:http';
import type { ChangedRun, RunsEvent } from '../../api/index.js';
import type { Person } from '../auth/identity.js';

/** What a listener follows; everything when both are empty. */
export interface Wanted {
  readonly experimentIds: ReadonlySet<string>;
  readonly runIds: ReadonlySet<string>;
}

/** Bytes that may wait for a slow listener: it then comes again, and says where it was. */
const MOST_WAITING = 1024 * 1024;
/** How soon a browser comes again, in ms. */
const COME_AGAIN = 3_000;

export class EventStream {
  readonly person: Person | undefined;
  readonly #res: ServerResponse;
  readonly #wanted: Wanted;
  /** What is known of what the person may read, until the next look. */
  readonly #readable = new Map<string, boolean>();

  constructor(res: ServerResponse, wanted: Wanted, person: Person | undefined) {
    this.#res = res;
    this.#wanted = wanted;
    this.person = person;
  }

  /** `id` is where it begins; undefined where that follows. */
  begin(id: string | undefined): void {
    this.#res.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // The stream's end is the connection's, so that a server that ends waits for none of them.
      connection: 'close',
      // For nginx, which would hold small pieces back.
      'x-accel-buffering': 'no',
    });
    this.#write(`retry: ${COME_AGAIN}\n${id === undefined ? '' : `id: ${id}\n`}event: ready\ndata: {}\n\n`);
  }

  wants({ run_id, experiment_id }: ChangedRun): boolean {
    const { experimentIds, runIds } = this.#wanted;
    if (experimentIds.size === 0 && runIds.size === 0) return true;
    return experimentIds.has(experiment_id) || runIds.has(run_id);
  }

  /** Of the experiments, those about which the store must be asked. */
  unknownOf(experimentIds: Iterable<string>): string[] {
    return [...experimentIds].filter((id) => !this.#readable.has(id));
  }

  learn(asked: readonly string[], readable: ReadonlySet<string>): void {
    for (const id of asked) this.#readable.set(id, readable.has(id));
  }

  /** The experiments about which the store has been asked. */
  get known(): string[] {
    return [...this.#readable.keys()];
  }

  mayRead(experimentId: string): boolean {
    return this.person === undefined || this.#readable.get(experimentId) === true;
  }

  tell(id: string, data: RunsEvent): void {
    this.#write(`id: ${id}\nevent: runs\ndata: ${JSON.stringify(data)}\n\n`);
  }

  reset(id: string): void {
    this.#write(`id: ${id}\nevent: reset\ndata: {}\n\n`);
  }

  /** Keeps the connection, and the place in the changes, without telling anything. */
  beat(id: string): void {
    this.#write(`: beat\nid: ${id}\n\n`);
  }

  end(): void {
    this.#res.end();
  }

  #write(text: string): void {
    if (this.#res.writableLength > MOST_WAITING) this.#res.destroy();
    else this.#res.write(text);
  }
}

/** Gathers what the store's threads changed and tells the listeners, once a second at most. Nothing is gathered while nobody listens. */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type ChangedRun, MltrackError } from '../../api/index.js';
import type { Person } from '../auth/identity.js';
import { encode } from '../encode.js';
import type { StoreEndpointName } from '../endpoints.js';
import type { Backend } from '../threads/backend.js';
import type { Log } from '../threads/thread.js';
import { ChangeSet, type Changes } from './change-set.js';
import { Ring } from './ring.js';
import { EventStream, type Wanted } from './stream.js';

const MOST_STREAMS = 500;
/** Between two messages, in ms. */
const PAUSE = 1_000;
/** What comes so soon after the first change goes with it, in ms. */
const GATHER = 50;
/** A message tells of so many runs; of more it says only that everything should be read anew. */
const MOST_RUNS = 1_000;
const BEAT = 15_000;
/** How long changes are gathered on without a listener, for one that comes again, in ms. */
const LINGER = 60_000;
const PATIENCE = 30_000;
/** Experiments of runs that are remembered. */
const MOST_PLACES = 50_000;

export class EventHub {
  readonly #backend: Backend;
  readonly #log: Log;
  readonly #streams = new Set<EventStream>();
  #opening = 0;
  readonly #places = new Map<string, string>();
  readonly #ring = new Ring(randomBytes(6).toString('hex'));
  #gathered = new ChangeSet();
  #timer: NodeJS.Timeout | undefined;
  #toldAt = 0;
  #beat: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  /** Under way, or done. */
  #watching: Promise<void> | undefined;
  /** What is being told: messages leave in order. */
  #telling: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(backend: Backend, log: Log) {
    this.#backend = backend;
    this.#log = log;
  }

  /** Answers with a stream that lasts until either side ends it. Throws REQUEST_LIMIT_EXCEEDED when there are too many. */
  async open(res: ServerResponse, wanted: Wanted, person: Person | undefined, since: string | undefined) {
    if (this.#isClosed) throw new MltrackError('TEMPORARILY_UNAVAILABLE', 'The server is shutting down.');
    if (this.#streams.size + this.#opening >= MOST_STREAMS) {
      throw new MltrackError('REQUEST_LIMIT_EXCEEDED', `${MOST_STREAMS} listen already: ask for what changed instead.`);
    }
    const stream = new EventStream(res, wanted, person);
    this.#opening++;
    clearTimeout(this.#linger);
    this.#watching ??= this.#backend.watch(true);
    await this.#watching;
    // Between two messages, so that it gets each of them once and in order.
    await this.#inTurn(async () => {
      this.#opening--;
      if (this.#isClosed) return stream.end();
      this.#streams.add(stream);
      res.once('close', () => this.#left(stream));
      if (res.closed) return this.#left(stream);
      this.#beat ??= setInterval(() => this.#beatAll(), BEAT);
      await this.#welcome(stream, since);
    });
  }

  async #welcome(stream: EventStream, since: string | undefined): Promise<void> {
    if (since === undefined) return stream.begin(this.#ring.last);
    stream.begin(undefined);
    const missed = this.#ring.since(since);
    if (missed) await this.#tellOne(stream, missed, this.#ring.last);
    else stream.reset(this.#ring.last);
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    this.#telling = this.#telling.then(task).catch((error: Error) => {
      this.#log(`events: ${error.stack ?? error}`);
      this.missed();
    });
    return this.#telling;
  }

  /** Throws PERMISSION_DENIED for what the person may not read. */
  async checkReadable({ experimentIds, runIds }: Wanted, person: Person): Promise<void> {
    for (const experiment_id of experimentIds) await this.#ask('checkAccess', { level: 'read', experiment_id }, person);
    for (const run_id of runIds) await this.#ask('checkAccess', { level: 'read', run_id }, person);
  }

  changed(changes: Changes): void {
    this.#gathered.merge(changes);
    const rest = Math.max(this.#toldAt + PAUSE - Date.now(), GATHER);
    this.#timer ??= setTimeout(() => this.#tell(), rest);
  }

  /** What happened meanwhile is not known: everybody is told to read anew. */
  missed(): void {
    this.#gathered = new ChangeSet();
    this.#ring.clear();
    for (const stream of this.#streams) stream.reset(this.#ring.last);
  }

  /** A sign-in or a permission may have ended. */
  recheck(): void {
    for (const stream of this.#streams) if (stream.person) void this.#look(stream, stream.person, stream.known);
  }

  close(): void {
    this.#isClosed = true;
    for (const each of [this.#timer, this.#linger, this.#beat]) clearTimeout(each);
    for (const stream of this.#streams) stream.end();
  }

  #left(stream: EventStream): void {
    if (!this.#streams.delete(stream) || this.#streams.size > 0 || this.#isClosed) return;
    clearInterval(this.#beat);
    this.#beat = undefined;
    this.#linger = setTimeout(() => {
      if (this.#streams.size + this.#opening > 0) return;
      this.#watching = undefined;
      void this.#backend.watch(false);
      this.#ring.clear();
    }, LINGER);
    this.#linger.unref();
  }

  #beatAll(): void {
    for (const stream of this.#streams) stream.beat(this.#ring.last);
    this.recheck();
  }

  #tell(): void {
    this.#timer = undefined;
    this.#toldAt = Date.now();
    const { runs, registry } = this.#gathered.changes();
    this.#gathered = new ChangeSet();
    if (runs.length > MOST_RUNS) this.missed();
    else void this.#inTurn(() => this.#tellAll(runs, registry));
  }

  async #tellAll(runs: Changes['runs'], registry: boolean): Promise<void> {
    const placed = { runs: await this.#placed(runs), registry };
    this.#ring.add(placed);
    const id = this.#ring.last;
    await Promise.all([...this.#streams].map((stream) => this.#tellOne(stream, placed, id)));
  }

  async #tellOne(stream: EventStream, { runs, registry }: Changes, id: string): Promise<void> {
    const wanted = (runs as ChangedRun[]).filter((run) => stream.wants(run));
    if (stream.person) {
      const unknown = stream.unknownOf(new Set(wanted.map((run) => run.experiment_id)));
      if (unknown.length > 0 && !(await this.#look(stream, stream.person, unknown))) return;
    }
    const told = wanted.filter((run) => stream.mayRead(run.experiment_id));
    if (told.length === 0 && !registry) return;
    stream.tell(id, { runs: told, ...(registry && { registry }) });
  }

  /** Learns which of the experiments the listener may read; ends the stream, and answers false, where the sign-in does not hold any more. */
  async #look(stream: EventStream, person: Person, experiment_ids: string[]): Promise<boolean> {
    try {
      const found = await this.#ask<{ experiment_ids: string[] }>(
        'findReadableExperiments',
        { experiment_ids },
        person,
      );
      stream.learn(experiment_ids, new Set(found.experiment_ids));
      return true;
    } catch {
      // Whoever still may listen comes again, and says where he was.
      stream.end();
      return false;
    }
  }

  /** The runs with their experiments; without those that are gone for good. */
  async #placed(runs: Changes['runs']): Promise<ChangedRun[]> {
    if (this.#places.size > MOST_PLACES) this.#places.clear();
    for (const { run_id, experiment_id } of runs) if (experiment_id) this.#places.set(run_id, experiment_id);
    const run_ids = runs.map(({ run_id }) => run_id).filter((id) => !this.#places.has(id));
    if (run_ids.length > 0) {
      const found = await this.#ask<{ runs: ChangedRun[] }>('findRunExperiments', { run_ids }, 'server');
      for (const { run_id, experiment_id } of found.runs) this.#places.set(run_id, experiment_id);
    }
    return runs.flatMap((run) => {
      const experiment_id = this.#places.get(run.run_id);
      return experiment_id === undefined ? [] : [{ ...run, experiment_id }];
    });
  }

  async #ask<T>(
    endpoint: StoreEndpointName,
    request: Record<string, unknown>,
    identity: Person | 'server',
  ): Promise<T> {
    const response = await this.#backend.send({
      endpoint,
      fields: {},
      body: [encode(request)],
      requestId: 'events',
      deadline: Date.now() + PATIENCE,
      identity,
    });
    const value = JSON.parse(Buffer.from(response.body).toString());
    if (response.status === 200) return value as T;
    throw new MltrackError(value.error_code, response.failure ?? value.message);
  }
}

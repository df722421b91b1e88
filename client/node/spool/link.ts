/** The program's end of its sender: one thread for all runs, which never keeps the process; or the sender itself, where no thread can be. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type ErrorCode, MltrackError, type RunInfo } from '../../../api/index.js';
import { type OnProblem, Problems } from '../../problems.js';
import type { FromSender, Server, SharedState, ToSender } from './messages.js';
import { Sender } from './sender.js';

declare const __MLTRACK_SENDER__: string;

/** A run as its sender tells of it. */
export interface Correspondent {
  readonly localId: string;
  readonly folder: string;
  readonly state: SharedState;
  readonly server: Server;
  created(info: RunInfo): void;
  failed(error: MltrackError): void;
  readonly problem: OnProblem;
}

export class SenderLink {
  readonly #runs = new Map<string, Correspondent>();
  /** Of runs that other programs have left. */
  readonly #adoptedProblems = new Problems();
  readonly #flushes = new Map<number, () => void>();
  readonly #pulse = new Int32Array(new SharedArrayBuffer(4));
  readonly #port: MessagePort | undefined;
  #send: (message: ToSender) => void;
  #threaded: boolean;
  #nextFlush = 0;
  #adopted = new Set<string>();

  constructor(threaded: boolean) {
    const entry = threaded ? threadFile() : undefined;
    this.#threaded = entry !== undefined;
    if (!entry) {
      this.#send = this.#ownSender();
      return;
    }
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(entry, {
      workerData: { port: port2, pulse: this.#pulse },
      transferList: [port2],
      name: 'mltrack-sender',
      execArgv: [],
    });
    worker.unref();
    worker.on('error', (error) => this.#threadDied(error));
    this.#port = port1;
    this.#send = (message) => port1.postMessage(message);
    port1.on('message', (message: FromSender) => this.#receive(message));
    port1.unref();
  }

  open(run: Correspondent): void {
    this.#runs.set(run.localId, run);
    this.#post({ type: 'open', folder: run.folder, shared: run.state.buffer, server: run.server });
  }

  /** What is left in a spool is looked for once a process. */
  adopt(directory: string, server: Server): void {
    const once = `${server.uri} ${directory}`;
    if (this.#adopted.has(once)) return;
    this.#adopted.add(once);
    this.#post({ type: 'adopt', directory, server });
  }

  leave(localId: string): void {
    this.#post({ type: 'leave', localId });
  }

  close(localId: string): void {
    this.#runs.delete(localId);
  }

  /** Resolves when all up to the position has arrived, or never will, or after `timeout` ms. */
  flush(localId: string, upTo: number, timeout: number): Promise<void> {
    const id = ++this.#nextFlush;
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#flushes.delete(id);
        if (this.#flushes.size === 0) this.#port?.unref();
        resolve();
      };
      const timer = setTimeout(() => {
        this.#post({ type: 'unflush', localId, id });
        finish();
      }, timeout);
      this.#flushes.set(id, finish);
      // Someone waits: only now the port keeps the process.
      this.#port?.ref();
      this.#post({ type: 'flush', localId, id, upTo });
    });
  }

  /** Stops the program until `done`, or for `timeout` ms: for the very end, when nothing else runs any more. */
  waitNow(done: () => boolean, timeout: number): void {
    const until = Date.now() + timeout;
    while (this.#threaded) {
      const seen = Atomics.load(this.#pulse, 0);
      const left = until - Date.now();
      if (done() || left <= 0) break;
      Atomics.wait(this.#pulse, 0, seen, left);
    }
    if (!this.#port) return;
    for (let each = receiveMessageOnPort(this.#port); each; each = receiveMessageOnPort(this.#port)) {
      this.#receive(each.message as FromSender);
    }
  }

  #post(message: ToSender): void {
    this.#send(message);
  }

  #receive(message: FromSender): void {
    if (message.type === 'flushed') {
      this.#flushes.get(message.id)?.();
      return;
    }
    const run = this.#runs.get(message.localId);
    if (message.type === 'created') run?.created(message.info);
    else if (message.type === 'failed') run?.failed(new MltrackError(message.code as ErrorCode, message.message));
    else if (run) run.problem(message);
    else this.#adoptedProblems.tell(message.kind, message.message, message.localId);
  }

  #ownSender(): (message: ToSender) => void {
    const sender = new Sender(
      (message) => this.#receive(message),
      () => {},
    );
    return (message) => sender.receive(message);
  }

  /** The spool has everything: the sender goes on beside the program. */
  #threadDied(error: unknown): void {
    console.error(`mltrack: the sender's thread ended (${error}); what is logged is sent without it.`);
    this.#threaded = false;
    this.#send = this.#ownSender();
    for (const run of this.#runs.values()) {
      this.#send({ type: 'open', folder: run.folder, shared: run.state.buffer, server: run.server });
    }
    for (const finish of [...this.#flushes.values()]) finish();
  }
}

/** The built sender-thread.ts, beside this file's bundle; a program that was bundled with its packages has none. */
function threadFile(): URL | undefined {
  if (typeof __MLTRACK_SENDER__ === 'undefined') return undefined;
  const entry = new URL(__MLTRACK_SENDER__, import.meta.url);
  return entry.protocol === 'file:' && existsSync(fileURLToPath(entry)) ? entry : undefined;
}

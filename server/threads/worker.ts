/** The entry of a store thread: opens the database for its role, then answers batches until it is told to close. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { StoreResponse } from '../answer.js';
import { DatabaseError } from '../db/db.js';
import { Outbox } from '../events/outbox.js';
import { createMemory } from '../store/context.js';
import {
  type FromThread,
  packResponses,
  type ThreadRequest,
  type ThreadSettings,
  type ToThread,
  unpackRequests,
} from './messages.js';
import type { WriterOptions } from './writer.js';

if (!parentPort) throw new Error('This module is the entry of a worker thread.');
const port = parentPort;
const settings = workerData as ThreadSettings;

/** What a role does: all waiting requests at once, in its own order. */
export interface Role {
  /** Answers through `reply` as it goes; resolves when it can take more. */
  answer(requests: ThreadRequest[], reply: Reply): Promise<void>;
  /** Work that cannot wait for a pause: called after each round of answers. */
  urgent?(): Promise<void>;
  /** Work for when nothing waits. Answers whether there is more of it. */
  idle?(): Promise<boolean>;
  close(): Promise<void>;
}

export type Reply = (requests: readonly ThreadRequest[], responses: readonly StoreResponse[]) => void;

async function openRole(): Promise<Role> {
  const context: WriterOptions = {
    settings,
    memory: createMemory(settings.role === 'writer'),
    onEnqueued: () => say({ type: 'enqueued' }),
    outbox,
  };
  if (settings.role === 'postgres') return (await import('./postgres-role.js')).openPostgresRole(settings, context);
  const roles = await import('./sqlite-roles.js');
  return settings.role === 'writer' ? roles.openWriterRole(settings, context) : roles.openReaderRole(settings, context);
}

const say = (message: FromThread) => port.postMessage(message);

const outbox = new Outbox((changes) => say({ type: 'changed', changes }));

const reply: Reply = (requests, responses) => {
  const batch = packResponses(
    requests.map((request) => request.id),
    responses,
  );
  port.postMessage(batch, [batch.bytes.buffer]);
};

/** Background work that failed is tried again later; the reason belongs into the log. */
const complain = (error: unknown) => {
  say({ type: 'log', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return false;
};

/** Idle work starts this long after the last request, in ms: a training loop's next batch comes first. */
const IDLE_AFTER = 100;

async function serve(role: Role): Promise<void> {
  let waiting: ThreadRequest[] = [];
  let closing = false;
  let busy = false;
  let idleTimer: NodeJS.Timeout | undefined;

  const take = (message: ToThread) => {
    if (message.type === 'close') closing = true;
    else if (message.type === 'watch') {
      outbox.watch(message.on);
      say({ type: 'watching' });
    } else waiting.push(...unpackRequests(message));
  };
  const takeAll = () => {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message as ToThread);
  };
  const work = async () => {
    if (busy) return;
    busy = true;
    clearTimeout(idleTimer);
    for (takeAll(); waiting.length > 0; takeAll()) {
      const requests = waiting;
      waiting = [];
      await role.answer(requests, reply);
      await role.urgent?.().catch(complain);
    }
    busy = false;
    if (closing) await end();
    else if (role.idle) idleTimer = setTimeout(rest, IDLE_AFTER);
  };
  const rest = async () => {
    if (busy || closing) return;
    busy = true;
    const more = await role.idle?.().catch(complain);
    busy = false;
    if (closing || waiting.length > 0) await work();
    else if (more) setImmediate(rest);
  };
  const end = async () => {
    busy = true;
    await role.close();
    say({ type: 'closed' });
    port.close();
  };
  port.on('message', (message: ToThread) => {
    take(message);
    void work();
  });
  if (role.idle) idleTimer = setTimeout(rest, IDLE_AFTER);
}

try {
  const role = await openRole();
  await serve(role);
  say({ type: 'ready' });
} catch (error) {
  const expected = error instanceof DatabaseError;
  const { message, stack } = error as Error;
  say({ type: 'failed', message: expected ? message : (stack ?? message), expected });
  port.close();
}

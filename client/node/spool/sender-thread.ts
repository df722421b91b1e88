/** The sender's thread: what it is told comes through a port of its own, so that the program may look into it without waiting. */
import { type MessagePort, workerData } from 'node:worker_threads';
import type { ToSender } from './messages.js';
import { Sender } from './sender.js';

const { port, pulse } = workerData as { port: MessagePort; pulse: Int32Array };

const sender = new Sender(
  (message) => port.postMessage(message),
  () => {
    Atomics.add(pulse, 0, 1);
    Atomics.notify(pulse, 0);
  },
);

port.on('message', (message: ToSender) => sender.receive(message));

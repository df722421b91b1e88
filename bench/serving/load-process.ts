/**
 * The load generator, in a process of its own beside the bench: it takes requests that are ready to be written, sends them
 * over keep-alive connections for some time, and reports. It looks at each answer's status and length, and no further.
 */
import { connect, type Socket } from 'node:net';

export interface Drive {
  port: number;
  connections: number;
  ms: number;
}

/** To the load process: the requests that follow, or a drive with them. */
export type ToLoad = { messages: Uint8Array[] } | { drive: Drive };

/** From it, once per drive. */
export type FromLoad = { error: string } | { wallMs: number; latencies: Float64Array };

let messages: Uint8Array[] = [];

process.on('message', async (order: ToLoad) => {
  if ('messages' in order) messages = order.messages;
  else process.send!(await drive(order.drive).catch((error: Error): FromLoad => ({ error: error.message })));
});
process.once('disconnect', () => process.exit());

/** Every connection sends one request after the other until the time is over, then waits for its last answer. */
async function drive({ port, connections, ms }: Drive): Promise<FromLoad> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const latencies: number[] = [];
  const began = performance.now();
  const end = began + ms;
  let next = 0;
  const take = (now: number) => (now < end ? messages[next++ % messages.length] : undefined);
  try {
    await Promise.all(sockets.map((socket) => converse(socket, take, (took) => latencies.push(took))));
    return { wallMs: performance.now() - began, latencies: Float64Array.from(latencies).sort() };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    socket.once('error', reject).once('connect', () => resolve(socket));
  });
}

/** Resolves when `take` gives no more. Rejects on any answer but 200, a lost connection, and silence of a minute. */
function converse(
  socket: Socket,
  take: (now: number) => Uint8Array | undefined,
  report: (tookMs: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let missing = -1;
    let head: Buffer | undefined;
    const send = (now: number) => {
      const message = take(now);
      if (!message) return resolve();
      sent = now;
      socket.write(message);
    };
    socket.on('data', (chunk) => {
      if (missing < 0) {
        head = head ? Buffer.concat([head, chunk]) : chunk;
        const size = sizeOf(head);
        if (typeof size === 'string') return reject(new Error(size));
        if (size === undefined) return;
        missing = size - head.length;
        head = undefined;
      } else missing -= chunk.length;
      if (missing > 0) return;
      missing = -1;
      const now = performance.now();
      report(now - sent);
      send(now);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The server closed the connection.')));
    socket.setTimeout(60_000, () => reject(new Error('No answer within a minute.')));
    send(performance.now());
  });
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/** Bytes of the whole answer; undefined while its head is not here yet; what is wrong with it otherwise. */
function sizeOf(bytes: Buffer): number | string | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const length = CONTENT_LENGTH.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 200')) return `The server answered ${bytes.toString('utf8', 0, 500)}`;
  if (length === undefined) return `The answer has no length: ${head}`;
  return headEnd + 4 + Number(length);
}

/** A load generator that costs little itself: raw sockets, requests serialised beforehand, one in flight a connection. */
import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  /** The status line and the headers. */
  head: string;
  body: Buffer;
}

/** One HTTP/1.1 request, ready to be written to a socket. */
export function request(method: 'GET' | 'POST', path: string, body?: unknown): Buffer {
  return rawRequest(method, path, Buffer.from(body === undefined ? '' : JSON.stringify(body)), {
    'Content-Type': 'application/json',
  });
}

/** The same with a body of bytes and headers that say what they are. */
export function rawRequest(
  method: 'GET' | 'POST',
  path: string,
  body: Uint8Array,
  headers: Record<string, string>,
): Buffer {
  const lines = Object.entries({ Host: '127.0.0.1', Accept: '*/*', ...headers, 'Content-Length': body.byteLength });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`), body]);
}

/** A keep-alive connection. */
export class Connection {
  private received: Buffer = Buffer.alloc(0);
  private waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.waiting?.reject(error));
    socket.setTimeout(60_000, () => socket.destroy(new Error('No answer within a minute.')));
    socket.on('close', () => this.waiting?.reject(new Error('The server closed the connection.')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  send(message: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(message);
    });
  }

  /** Sends a request whose answer must be 200 and JSON. */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const answer = await this.send(request(method, `/api/2.0/mlflow${path}`, body));
    return JSON.parse(ok(answer).body.toString()) as T;
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const answer = parse(this.received);
    if (!answer) return;
    this.received = Buffer.alloc(0);
    const waiting = this.waiting;
    this.waiting = undefined;
    waiting?.resolve(answer);
  }
}

export interface Driven {
  wallMs: number;
  /** Of every request, sorted, in ms. */
  latencies: Float64Array;
}

/** Sends each stream over a connection of its own, in order, and checks that every answer is 200. */
export async function drive(port: number, streams: readonly Buffer[][]): Promise<Driven> {
  const connections = await Promise.all(streams.map(() => Connection.open(port)));
  const latencies = new Float64Array(streams.reduce((sum, stream) => sum + stream.length, 0));
  let done = 0;
  const began = performance.now();
  try {
    await Promise.all(
      streams.map(async (stream, index) => {
        for (const message of stream) {
          const sent = performance.now();
          ok(await connections[index]!.send(message));
          latencies[done++] = performance.now() - sent;
        }
      }),
    );
    return { wallMs: performance.now() - began, latencies: latencies.sort() };
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** `sorted` at a quantile between 0 and 1. */
export function quantile(sorted: Float64Array, at: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;
}

/** The middle one; of an even number the upper of the two. Sorts `values`. */
export function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

/** The answer, which must be 200. */
export function ok(answer: Answer): Answer {
  const { status, body } = answer;
  if (status !== 200) throw new Error(`The server answered ${status}: ${body.toString('utf8', 0, 500)}`);
  return answer;
}

/** The answer, once it is here whole. */
function parse(bytes: Buffer): Answer | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const start = headEnd + 4;
  if (length !== undefined) {
    const end = start + Number(length);
    return bytes.length < end ? undefined : { status, head, body: bytes.subarray(start, end) };
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, head, body: Buffer.alloc(0) };
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { status, head, body: Buffer.concat(chunks) };
    chunks.push(bytes.subarray(lineEnd + 2, next - 2));
    at = next;
  }
}

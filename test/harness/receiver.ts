/** A receiver of webhooks: notes what it is told, and answers as the test says. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: { entity: string; action: string; timestamp: string; data: Record<string, unknown> };
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** The answers of the next requests; 200 after them. */
  answers: { status: number; headers?: Record<string, string> }[];
  /** Resolves when `count` requests have come in all. */
  until(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const receiver = { received, answers: [] as Receiver['answers'] };
  const server: Server = createServer(async (req, res) => {
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString();
    received.push({ headers: req.headers, body, event: JSON.parse(body) });
    const { status, headers } = receiver.answers.shift() ?? { status: 200 };
    res.writeHead(status, headers).end('thanks');
    for (const look of waiting) look();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const taken = (server.address() as AddressInfo).port;
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${taken}/hook`,
    port: taken,
    until: (count: number) =>
      new Promise<Received[]>((resolve) => {
        const look = () => {
          if (received.length < count) return;
          waiting.delete(look);
          resolve(received);
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

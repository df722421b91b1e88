/**
 * Stands before a registry, counts what is asked, and is as strict as ECR where docker-registry is not: no PATCH, one PUT a
 * session. It breaks what a test tells it to break.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Fault {
  readonly method: string;
  /** Of the path, with its query. */
  readonly path: RegExp;
  /** How many such requests it meets. Default 1. */
  times?: number;
  /**
   * `cut`: the connection breaks after `bytes` of the request's body, or at its end. `cut-answer`: the registry gets all, and the connection
   * breaks after `bytes` of its answer's body. A number: that status, and the registry gets nothing.
   */
  readonly how: 'cut' | 'cut-answer' | number;
  readonly bytes?: number;
  /** Of an answer with a status. */
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface Seen {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
}

export interface RegistryProxy {
  readonly url: string;
  readonly host: string;
  readonly seen: Seen[];
  /** What ECR would not have taken. */
  readonly violations: string[];
  /** The most uploads there were at a time. */
  mostUploads(): number;
  /** Changes an answer's status and headers on its way back. */
  rewrite: (
    seen: Seen,
    status: number,
    headers: NodeJS.Dict<string | string[]>,
  ) => { status: number; headers: NodeJS.Dict<string | string[]> };
  fault(fault: Fault): void;
  count(method: string, path?: RegExp): number;
  stop(): Promise<void>;
}

const SESSION = /^\/v2\/.+\/blobs\/uploads\/([^/?]+)/;

export interface ProxySetup {
  /** Answers a request in the registry's place: true when it has. The request's body is not read yet. */
  readonly instead?: (incoming: IncomingMessage, answer: ServerResponse) => Promise<boolean>;
  /** In the place of the Authorization that came. */
  readonly authorization?: string;
}

/** A call of an AWS API is a POST whose path here is `/CALL`. */
export async function startProxy(target: { host: string }, setup: ProxySetup = {}): Promise<RegistryProxy> {
  const faults: Fault[] = [];
  const used = new Set<string>();
  let uploads = 0;
  let most = 0;
  const server = createServer(async (incoming, answer) => {
    const { method = '', url = '' } = incoming;
    const call = /\.(\w+)$/.exec(String(incoming.headers['x-amz-target'] ?? ''))?.[1];
    const path = call === undefined ? url : `/${call}`;
    const seen = { method, path, authorization: incoming.headers.authorization };
    proxy.seen.push(seen);
    const refusal = refusalOf(seen, used);
    if (refusal !== undefined) {
      proxy.violations.push(`${method} ${path}: ${refusal}`);
      const body = JSON.stringify({ errors: [{ code: 'BLOB_UPLOAD_INVALID', message: refusal }] });
      respond(incoming, answer, 400, {}, body);
      return;
    }
    const isUpload = method === 'PUT' && SESSION.test(path);
    uploads += isUpload ? 1 : 0;
    most = Math.max(most, uploads);
    answer.once('close', () => {
      uploads -= isUpload ? 1 : 0;
    });
    const fault = nextFault(seen, faults);
    if (typeof fault?.how === 'number') respond(incoming, answer, fault.how, fault.headers ?? {}, fault.body ?? '');
    else if (fault?.how === 'cut') cut(incoming, fault.bytes ?? 0);
    else if (await setup.instead?.(incoming, fault ? lost(incoming, answer) : answer)) return;
    else {
      if (setup.authorization !== undefined) incoming.headers.authorization = setup.authorization;
      pass(incoming, target, (back) => sendBack(back, answer, seen, fault));
    }
  });
  const sendBack = (back: IncomingMessage, answer: ServerResponse, seen: Seen, fault: Fault | undefined) => {
    if (fault) {
      cutAnswer(back, answer, fault.bytes ?? 0);
      return;
    }
    const { status, headers } = proxy.rewrite(seen, back.statusCode ?? 0, back.headers);
    answer.writeHead(status, headers);
    back.pipe(answer);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy: RegistryProxy = {
    url: `http://${host}`,
    host,
    seen: [],
    violations: [],
    mostUploads: () => most,
    rewrite: (_seen, status, headers) => ({ status, headers }),
    fault: (fault) => faults.push(fault),
    count: (method, path = /./) => proxy.seen.filter((each) => each.method === method && path.test(each.path)).length,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

/** What ECR would not take; `used` has the sessions that had their PUT. */
function refusalOf({ method, path }: Seen, used: Set<string>): string | undefined {
  if (method === 'PATCH') return 'no PATCH';
  const session = SESSION.exec(path)?.[1];
  if (method !== 'PUT' || session === undefined) return undefined;
  if (used.has(session)) return 'a second PUT in a session';
  used.add(session);
  return undefined;
}

function nextFault({ method, path }: Seen, faults: readonly Fault[]): Fault | undefined {
  const found = faults.find((each) => each.method === method && each.path.test(path) && each.times !== 0);
  if (found) found.times = (found.times ?? 1) - 1;
  return found;
}

function pass(incoming: IncomingMessage, target: { host: string }, sendBack: (back: IncomingMessage) => void) {
  const { method, url: path, headers } = incoming;
  const [host, port] = target.host.split(':');
  const onward = request({ host, port, method, path, headers, agent: false });
  onward.on('error', () => incoming.destroy());
  incoming.once('error', () => onward.destroy());
  onward.once('response', sendBack);
  incoming.pipe(onward);
}

/** What is answered is not sent: the connection breaks. */
function lost(incoming: IncomingMessage, answer: ServerResponse): ServerResponse {
  answer.end = () => {
    incoming.socket.resetAndDestroy();
    return answer;
  };
  return answer;
}

/** Answers without having read the body, as a registry at its limit does. */
function respond(
  incoming: IncomingMessage,
  answer: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string,
) {
  answer.writeHead(status, headers);
  answer.end(body);
  incoming.resume();
}

function cut(incoming: IncomingMessage, bytes: number) {
  let passed = 0;
  const end = () => incoming.socket.resetAndDestroy();
  incoming.on('data', (chunk: Buffer) => {
    passed += chunk.length;
    if (passed >= bytes) end();
  });
  incoming.once('end', end);
  incoming.on('error', () => {});
  if (bytes === 0) end();
}

function cutAnswer(back: IncomingMessage, answer: ServerResponse, bytes: number) {
  let passed = 0;
  if (bytes > 0) answer.writeHead(back.statusCode ?? 0, back.headers);
  else answer.socket?.resetAndDestroy();
  back.on('data', (chunk: Buffer) => {
    const rest = chunk.subarray(0, bytes - passed);
    passed += chunk.length;
    if (rest.length > 0) answer.write(rest, () => passed >= bytes && answer.socket?.destroy());
  });
}

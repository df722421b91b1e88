/** Where images go: Debian's registry with nothing in it, behind a wire that counts, and of ECR's API the two calls of a push. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../server.js';

export interface Registry {
  /** `127.0.0.1:PORT`, the wire's. */
  readonly host: string;
  /** For a command that asks ECR for this registry. */
  readonly env: Record<string, string>;
  /** Bytes that clients have sent since the last call. */
  sent(): number;
  stop(): void;
}

const REGION = 'eu-west-1';
const REPOSITORY = `123456789012.dkr.ecr.${REGION}.amazonaws.com/bench`;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `apt-get install docker-registry`, when it is not there. */
export async function startRegistry(): Promise<Registry> {
  const folder = temporaryFolder('registry');
  const config = join(folder, 'config.yml');
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: info }\nstorage: { filesystem: { rootdirectory: '${folder}/data' } }\nhttp: { addr: '127.0.0.1:0' }\n`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', () => reject(new Error('docker-registry is missing: apt-get install docker-registry')));
    child.stderr.on('data', (chunk: Buffer) => {
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(chunk.toString())?.[1];
      if (found) resolve(Number(found));
    });
  });
  let count = 0;
  const wire = createServer((client) => {
    const target = connect(port, '127.0.0.1');
    client.on('data', (chunk: Buffer) => {
      count += chunk.length;
    });
    piped(client, target);
  });
  const host = `127.0.0.1:${await listening(wire)}`;
  const api = createHttpServer((request, response) => {
    const answer = String(request.headers['x-amz-target']).endsWith('.GetAuthorizationToken')
      ? { authorizationData: [{ authorizationToken: btoa('AWS:token'), proxyEndpoint: `http://${host}` }] }
      : { repositories: [{ repositoryUri: REPOSITORY }] };
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    request.resume().once('end', () => response.end(JSON.stringify(answer)));
  });
  const url = `http://127.0.0.1:${await listening(api)}`;
  return {
    host,
    env: { AWS_ENDPOINT_URL: url, AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' },
    sent() {
      const sent = count;
      count = 0;
      return sent;
    },
    stop() {
      child.kill('SIGKILL');
      running.delete(child);
      wire.close();
      api.close();
    },
  };
}

function piped(client: Socket, target: Socket): void {
  client.pipe(target).pipe(client);
  client.on('error', () => target.destroy());
  target.on('error', () => client.destroy());
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

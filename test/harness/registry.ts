/** A real registry (Debian's docker-registry) on a free port with a folder of its own, and the programs that judge what is in it. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Credentials } from '../../packager/image/registry/credentials.js';

const PASSWORD = '123456789012-auth-token';

/** As moto's ECR token has it. */
export const ECR_USER = { username: 'AWS', password: PASSWORD } as const satisfies Credentials;

/** `htpasswd -nbBC 4 AWS 123456789012-auth-token`: the registry takes bcrypt only. */
const HTPASSWD = 'AWS:$2y$04$sxOXCkg9ymgatQHN3xBwoOCKjLhprgo6YRG6niXl.Nt6XX3vjpGke\n';

export interface RegistrySetup {
  /** Lines of the configuration's `auth:`; by default the user AWS of htpasswd. */
  auth?: string;
  /** Upload sessions are named relative to the host. */
  relativeUrls?: boolean;
}

export interface TestRegistry {
  readonly host: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** On Debian, the programs that these tests need. */
export const INSTALL = 'apt-get install docker-registry skopeo openssl';

export async function startRegistry({ auth, relativeUrls = false }: RegistrySetup = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'mltrack-registry-'));
  await writeFile(join(folder, 'htpasswd'), HTPASSWD);
  const config = `version: 0.1
log: { level: info }
storage: { filesystem: { rootdirectory: '${folder}/data' }, delete: { enabled: true } }
http: { addr: '127.0.0.1:0', relativeurls: ${relativeUrls} }
auth:
${auth ?? `  htpasswd: { realm: test, path: '${folder}/htpasswd' }`}
`;
  await writeFile(join(folder, 'config.yml'), config);
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(`${message}. On Debian: ${INSTALL}`));
    child.once('exit', (code) => resolve(`it ended with ${code}`));
  });
  let log = '';
  const host = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk;
      const found = /listening on (127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (found) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    ended.then((why) => reject(new Error(`docker-registry does not start: ${why}\n${log}`)));
  });
  return {
    host,
    url: `http://${host}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const run = promisify(execFile);

async function skopeo(args: readonly string[]): Promise<string> {
  try {
    return (await run('skopeo', [...args], { encoding: 'utf8' })).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(`skopeo is missing. On Debian: ${INSTALL}`);
    throw error;
  }
}

const CREDENTIALS = `${ECR_USER.username}:${ECR_USER.password}`;

/** The manifest's bytes as skopeo reads them from a registry. */
export function rawManifest(host: string, name: string): Promise<string> {
  return skopeo(['inspect', '--raw', '--tls-verify=false', '--creds', CREDENTIALS, `docker://${host}/${name}`]);
}

/**
 * The digests of an image's layers after skopeo, which checks all content, has copied it into an OCI layout. Its own
 * configuration it writes there anew.
 */
export async function copiedLayers(host: string, name: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mltrack-layout-'));
  const read = async (...path: string[]) => JSON.parse(await readFile(join(folder, ...path), 'utf8'));
  try {
    const source = ['--src-tls-verify=false', '--src-creds', CREDENTIALS, `docker://${host}/${name}`];
    await skopeo(['copy', '--insecure-policy', '--quiet', ...source, `oci:${folder}:copy`]);
    const index: { manifests: { digest: string }[] } = await read('index.json');
    const [, hex = ''] = index.manifests[0]?.digest.split(':') ?? [];
    const { layers }: { layers: { digest: string }[] } = await read('blobs', 'sha256', hex);
    return layers.map(({ digest }) => digest);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

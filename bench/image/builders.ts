/** What makes and sends images: mltrack, and buildah with the same files in the same layers. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../server.js';
import type { Registry } from './registry.js';

export const builderNames = ['mltrack', 'buildah'] as const;
export type BuilderName = (typeof builderNames)[number];

export interface Cost {
  readonly wallMs: number;
  /** Of the command and all it starts, in ms. */
  readonly cpuMs: number;
}

export interface Builder {
  /** Forgets all layers; files of packages stay on disk. */
  forget(): void;
  /** Makes the image, with a model's folder inside or without, and sends it under a tag. */
  push(registry: Registry, tag: string, model: string | undefined): Promise<Cost>;
}

/** What a build has made before, and needs to be there: packages' files, the base. */
export const packages = '.cache/image/files';
const CLI = 'dist/mltrack.cjs';

export function mltrackBuilder(): Builder {
  const cache = temporaryFolder('cache');
  mkdirSync(packages, { recursive: true });
  symlinkSync(join(process.cwd(), packages), join(cache, 'files'));
  return {
    forget() {
      for (const name of ['layers', 'blobs']) rmSync(join(cache, name), { recursive: true, force: true });
    },
    push(registry, tag, model) {
      const args = [
        'sagemaker',
        'build-and-push',
        '-c',
        'bench',
        '--tag',
        tag,
        '--registry',
        `http://${registry.host}`,
      ];
      const inside = model === undefined ? [] : ['--with-model', model];
      return timed([process.execPath, CLI, ...args, ...inside], { ...registry.env, MLTRACK_CACHE: cache });
    },
  };
}

/** Writes mltrack's image as an OCI layout. */
export function layoutOf(folder: string): void {
  const args = [CLI, 'sagemaker', 'build-and-push', '--no-push', '--output', `oci:${folder}`];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore'] });
}

/** Bytes of an image's layers as they are sent. */
export function layerSizes(layout: string): { digest: string; size: number }[] {
  const read = (digest: string) => JSON.parse(readFileSync(join(layout, 'blobs', ...digest.split(':')), 'utf8'));
  const index: { manifests: { digest: string }[] } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
  return read(index.manifests[0]!.digest).layers;
}

/** The layers of an OCI layout of mltrack's, unpacked, are what it puts together again. `apt-get install buildah`. */
export function buildahBuilder(layout: string): Builder {
  const context = temporaryFolder('context');
  const storage = temporaryFolder('storage');
  const names = layerSizes(layout).map(({ digest }, index) => {
    const folder = join(context, `layer-${index}`);
    mkdirSync(folder);
    execFileSync('tar', ['-xzf', join(layout, 'blobs', ...digest.split(':')), '-C', folder]);
    return `COPY layer-${index} /`;
  });
  // Without a kernel's overlay, and without a container for each step, as one that is itself in a container has to.
  const flags = ['--root', join(storage, 'root'), '--runroot', join(storage, 'run'), '--storage-driver', 'vfs'];
  const entry = 'ENTRYPOINT ["/opt/mltrack/bin/node", "/opt/mltrack/container.js"]\nCMD ["serve"]';
  return {
    forget: () => rmSync(storage, { recursive: true, force: true }),
    async push(registry, tag, model) {
      rmSync(join(context, 'model'), { recursive: true, force: true });
      if (model !== undefined) cpSync(model, join(context, 'model'), { recursive: true });
      const withModel = model === undefined ? [] : ['COPY model /opt/ml/model'];
      writeFileSync(join(context, 'Dockerfile'), ['FROM scratch', ...names, ...withModel, entry].join('\n'));
      const image = `${registry.host}/bench:${tag}`;
      const bud = [
        'bud',
        '--layers',
        '--format',
        'docker',
        '--isolation',
        'chroot',
        '--quiet',
        '--tag',
        image,
        context,
      ];
      const built = await timed(['buildah', ...flags, ...bud], {});
      const sent = await timed(['buildah', ...flags, 'push', '--quiet', '--tls-verify=false', image], {});
      return { wallMs: built.wallMs + sent.wallMs, cpuMs: built.cpuMs + sent.cpuMs };
    },
  };
}

/** Runs a command to its good end. */
async function timed(command: string[], env: Record<string, string>): Promise<Cost> {
  // The shell's `times` has what its children used; it starts in a millisecond or two.
  const script = '"$@" >&2; code=$?; times; exit $code';
  const began = performance.now();
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...command], { env: { ...process.env, ...env } });
  let said = '';
  let times = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  child.stdout.on('data', (chunk) => {
    times += chunk;
  });
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  const wallMs = performance.now() - began;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${said.slice(-2000)}`);
  const [, children = ''] = times.trim().split('\n');
  const cpuMs = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
  return { wallMs, cpuMs };
}

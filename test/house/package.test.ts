/** What is published works elsewhere: both packages are packed, installed into an empty folder, and used from there. */
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './source-files.js';

const run = promisify(execFile);

let folder: string;
let packed: { name: string; filename: string; files: { path: string }[] }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-package-'));
  // Without scripts: `prepack` would build again what the tests have built.
  const pack = ['pack', '--json', '--ignore-scripts', '--include-workspace-root', '--workspace=client'];
  const { stdout } = await run('npm', [...pack, '--pack-destination', folder], { cwd: root });
  const listed: typeof packed | Record<string, (typeof packed)[number]> = JSON.parse(stdout);
  packed = Object.values(listed);
  await writeFile(join(folder, 'package.json'), '{ "name": "elsewhere", "version": "1.0.0", "type": "module" }');
  const tarballs = packed.map(({ filename }) => `./${filename}`);
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...flags, ...tarballs], { cwd: folder, maxBuffer: 1 << 26 });
  // Its install script would compile SQLite for a minute; the repository's own install has done that.
  const binary = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';
  await mkdir(join(folder, binary, '..'), { recursive: true });
  await cp(join(root, binary), join(folder, binary));
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** `npx mltrack server` in that folder. */
async function startServer() {
  const child = spawn('npx', ['--no-install', 'mltrack', 'server', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let log = '';
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk;
      const found = /http:\/\/\S+/.exec(log);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    closed.then(() => reject(new Error(log)));
  });
  const stop = () => {
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    return closed;
  };
  return { url, stop };
}

test('both packages are packed, with what they need and nothing else', () => {
  expect(packed.map(({ name }) => name).sort()).toEqual(['@mltrack/client', 'mltrack']);
  for (const { files } of packed) {
    const paths = files.map(({ path }) => path);
    expect(paths.filter((path) => !/^(dist\/|package\.json$|README|LICENSE|CHANGELOG)/.test(path))).toEqual([]);
    expect(paths.filter((path) => path.endsWith('.map'))).toEqual([]);
    expect(paths.some((path) => path.endsWith('LICENSE'))).toBe(true);
  }
});

test('no packed file names a folder of the machine that built it', async () => {
  const installed = join(folder, 'node_modules/mltrack/dist');
  const files = (await readdir(installed, { recursive: true })).filter((name) => /\.(js|cjs|ts|html|css)$/.test(name));
  expect(files).toContain('mltrack.cjs');
  for (const file of files) expect((await readFile(join(installed, file), 'utf8')).includes(root)).toBe(false);
});

test('npx mltrack server serves the API and the UI, and both packages log to it', async () => {
  const server = await startServer();
  try {
    expect(await (await fetch(`${server.url}/health`)).text()).toBe('OK');
    const page = await (await fetch(server.url, { headers: { accept: 'text/html' } })).text();
    const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? '';
    const asset = await fetch(new URL(script, server.url));
    expect(asset.headers.get('content-type')).toMatch(/javascript/);
    expect((await asset.text()).length).toBeGreaterThan(10_000);
    for (const name of ['mltrack', '@mltrack/client']) expect(await logWith(name, server.url)).toBe('FINISHED 0.5');
  } finally {
    await server.stop();
  }
});

/** Logs a run with the package of that name and prints what the server then has. */
async function logWith(name: string, url: string): Promise<string> {
  await writeFile(
    join(folder, 'log.js'),
    `import { connect, withRun } from '${name}';
    const client = connect('${url}');
    const run_id = await withRun({ client, experiment: '${name}' }, async (run) => {
      run.log({ loss: 0.5 });
      return run.id();
    });
    const { run } = await client.getRun({ run_id });
    console.log(run.info.status, run.data.metrics[0].value);`,
  );
  const { stdout } = await run(process.execPath, ['log.js'], { cwd: folder });
  return stdout.trim();
}

test.each(['mltrack', 'mltrack/server', 'mltrack/packager'])(
  'to import %s loads neither onnxruntime nor the AWS SDK',
  async (name) => {
    // Every name that is resolved is told by the loader; what is required is in the cache of CommonJS modules.
    await writeFile(
      join(folder, 'hooks.mjs'),
      `import { writeSync } from 'node:fs';
    export async function resolve(name, context, next) {
      const found = await next(name, context);
      writeSync(1, found.url + '\\n');
      return found;
    }`,
    );
    await writeFile(
      join(folder, 'loads.mjs'),
      `import { createRequire, register } from 'node:module';
    register('./hooks.mjs', import.meta.url);
    await import('${name}');
    console.log(Object.keys(createRequire(import.meta.url).cache).join('\\n'));`,
    );
    const { stdout } = await run(process.execPath, ['loads.mjs'], { cwd: folder });
    expect(stdout).toContain('node_modules/mltrack/dist/');
    expect(stdout.split('\n').filter((url) => /node_modules\/(onnxruntime|@aws-sdk|@smithy)/.test(url))).toEqual([]);
  },
);

test('require gives mltrack to CommonJS', async () => {
  await writeFile(
    join(folder, 'old.cjs'),
    `console.log(typeof require('mltrack').startRun, typeof require('mltrack/client').connect);`,
  );
  expect((await run(process.execPath, ['old.cjs'], { cwd: folder })).stdout).toBe('function function\n');
});

test('the types resolve, in strict mode and with libraries checked', async () => {
  await writeFile(
    join(folder, 'types.ts'),
    `import { type Connection, connect, withRun } from 'mltrack';
    import { createServer } from 'mltrack/server';
    import { serve } from 'mltrack/packager';
    import { connect as connectSmall } from '@mltrack/client';
    import { connect as connectBrowser } from '@mltrack/client/browser';
    const client: Connection = connect('http://127.0.0.1:1');
    export const name: Promise<string> = client.getExperiment({ experiment_id: '0' }).then((answer) => answer.experiment.name);
    export const all = [createServer, serve, withRun, connectSmall, connectBrowser];
    // @ts-expect-error: the request's fields are known
    client.getExperiment({ id: '0' });`,
  );
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  const args = ['types.ts', ...flags, '--typeRoots', join(root, 'node_modules/@types')];
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await expect(run(process.execPath, [compiler, ...args], { cwd: folder })).resolves.toMatchObject({ stdout: '' });
});

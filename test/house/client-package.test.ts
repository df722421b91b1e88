/** `@mltrack/client` by itself: packed, installed alone into an empty folder, and used from there in every way it can be loaded. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../client/node/index.js';
import { closeBrowser, openPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';
import { root } from './source-files.js';

const run = promisify(execFile);
/** Bytes of the browser build, compressed. */
const BROWSER_LIMIT = 40_000;

let folder: string;
let server: TestServer;

beforeAll(async () => {
  server = await startServer({ args: ['--cors-allowed-origins', '*'] });
  folder = await mkdtemp(join(tmpdir(), 'mltrack-client-'));
  const pack = ['pack', '--json', '--ignore-scripts', '--workspace=client', '--pack-destination', folder];
  const { stdout } = await run('npm', pack, { cwd: root });
  const [{ filename } = { filename: '' }] = Object.values(JSON.parse(stdout) as { filename: string }[]);
  await writeFile(join(folder, 'package.json'), '{ "name": "elsewhere", "version": "1.0.0" }');
  // Offline: it needs nothing but itself.
  const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...flags, `./${filename}`], { cwd: folder });
}, 120_000);
afterAll(async () => {
  await closeBrowser();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const built = (file: string) => join(folder, 'node_modules/@mltrack/client/dist', file);

test('it brings no other package along', async () => {
  const installed = await readdir(join(folder, 'node_modules'));
  expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['@mltrack']);
  expect(await readdir(join(folder, 'node_modules/@mltrack'))).toEqual(['client']);
});

const BODY = `
  const done = withRun({ client: connect(process.argv[2]) }, async (run) => {
    run.log({ loss: 0.5 });
    run.logTable({ a: [1] }, 't.json');
    run.logImage({ data: new Uint8Array(4), shape: [2, 2] }, 'p.png');
    return run.id();
  });
  done.then((id) => console.log(id));`;

test.each([
  ['import', 'use.mjs', `import { connect, withRun } from '@mltrack/client';${BODY}`],
  ['require', 'use.cjs', `const { connect, withRun } = require('@mltrack/client');${BODY}`],
  ['await import in CommonJS', 'dynamic.cjs', `import('@mltrack/client').then(({ connect, withRun }) => {${BODY}});`],
])('%s works, and what it logs arrives', async (_, name, source) => {
  await writeFile(join(folder, name), source);
  const { stdout, stderr } = await run(process.execPath, [name, server.url], { cwd: folder });
  expect(stderr).toBe('');
  const client = connect(server.url);
  const { info, data } = (await client.getRun({ run_id: stdout.trim() })).run;
  expect([info.status, data.metrics?.find(({ key }) => key === 'loss')?.value]).toEqual(['FINISHED', 0.5]);
  expect(await (await client.artifacts.get(info.artifact_uri, 't.json')).json()).toEqual({
    columns: ['a'],
    data: [[1]],
  });
});

describe('its types', () => {
  const USE = `
    export const client: Connection = connect('http://127.0.0.1:1');
    export const text: Promise<string> = withRun({ client }, (run) => run.id());
    // @ts-expect-error: a metric is a number
    withRun({ client }, (run) => run.log({ loss: 'low' }));
    // @ts-expect-error: the request's fields are known
    client.getExperiment({ id: '0' });`;
  const IMPORT = `import { type Connection, connect, withRun } from '@mltrack/client';${USE}`;
  const check = (file: string, flags: string[]) => {
    const strict = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--lib',
      'es2023,dom,dom.iterable',
      '--types',
      'node',
    ];
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const args = [compiler, file, ...strict, '--typeRoots', join(root, 'node_modules/@types'), ...flags];
    return run(process.execPath, args, { cwd: folder }).catch(({ stdout }) => ({ stdout }));
  };

  test.each([
    ['an ES module in Node', 'esm.mts', IMPORT, ['--module', 'node16']],
    ['a CommonJS module in Node', 'cjs.cts', IMPORT, ['--module', 'node16']],
    ['a bundler', 'bundled.ts', IMPORT, ['--module', 'esnext', '--moduleResolution', 'bundler']],
    [
      'a bundler for browsers',
      'page.ts',
      IMPORT.replace("'@mltrack/client'", "'@mltrack/client/browser'"),
      ['--module', 'esnext', '--moduleResolution', 'bundler'],
    ],
  ])('resolve for %s, with libraries checked', async (_, file, source, flags) => {
    await writeFile(join(folder, file), source);
    expect((await check(file, flags)).stdout).toBe('');
  });
});

describe('its build for browsers', () => {
  test('names nothing of Node and is 40 kB at most, compressed', async () => {
    const bytes = await readFile(built('browser.js'));
    const text = bytes.toString();
    expect(text.match(/(^|[;}\n])import\s*[{*"'\w]|\bimport\(|\brequire\(|['"]node:\w+/g) ?? []).toEqual([]);
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThan(BROWSER_LIMIT);
  });

  test('logs from a page of another origin: values, a drawn picture, pixels and a model', async () => {
    const model = await readFile(join(root, 'test/models/d_ort_mul_1/mlmodel/model.onnx'));
    const site = await serve(await readFile(built('browser.js')), model);
    const page = await openPage(site.url);
    try {
      await page.page.waitForFunction(() => 'sdk' in globalThis);
      const id = await page.page.evaluate(logFromPage, server.url);
      const client = connect(server.url);
      const { info, data, outputs } = (await client.getRun({ run_id: id })).run;
      expect(info.status).toBe('FINISHED');
      expect(data.metrics).toMatchObject([{ key: 'loss', value: 0.25, step: 3 }]);
      const files = (await client.listArtifacts({ run_id: id })).files ?? [];
      expect(files.map(({ path }) => path)).toEqual(['canvas.png', 'images', 'pixels.png', 'rows.json']);
      for (const name of ['canvas.png', 'pixels.png']) {
        const bytes = Buffer.from(await (await client.artifacts.get(info.artifact_uri, name)).arrayBuffer());
        expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      }
      const [{ model_id } = { model_id: '' }] = outputs?.model_outputs ?? [];
      expect((await client.getLoggedModel({ model_id })).model.info.status).toBe('LOGGED_MODEL_READY');
      expect(page.problems).toEqual([]);
    } finally {
      await page.close();
      await site.close();
    }
  });
});

/** Runs in the page. */
async function logFromPage(url: string): Promise<string> {
  const { connect, startRun } = (globalThis as unknown as { sdk: typeof import('../../client/index.js') }).sdk;
  const run = startRun({ client: connect(url) });
  run.log({ loss: 0.25 }, { step: 3 });
  run.logTable([{ a: 1 }], 'rows.json');
  const canvas = document.createElement('canvas');
  canvas.getContext('2d')?.fillRect(0, 0, 10, 10);
  run.logImage(canvas, 'canvas.png');
  run.logImage(
    new OffscreenCanvas(1, 1).getContext('2d') ? { data: [0, 1, 1, 0], shape: [2, 2] } : canvas,
    'pixels.png',
  );
  run.logImage(new ImageData(2, 2), { key: 'step', step: 1 });
  run.logModel(new Uint8Array(await (await fetch('/model.onnx')).arrayBuffer()));
  await run.end();
  return run.id();
}

const PAGE = `<!doctype html><title>page</title>
<script type="module">import * as sdk from '/browser.js'; globalThis.sdk = sdk;</script>`;

async function serve(script: Buffer, model: Buffer) {
  const site: Server = createServer((asked, answer) => {
    if (asked.url === '/browser.js') answer.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else if (asked.url === '/model.onnx') answer.writeHead(200).end(model);
    else if (asked.url === '/favicon.ico') answer.writeHead(204).end();
    else answer.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(site.address() as AddressInfo).port}/`,
    close: () => {
      site.closeAllConnections();
      return new Promise((resolve) => site.close(resolve));
    },
  };
}

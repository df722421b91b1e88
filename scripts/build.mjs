/** Builds everything into dist/: bundled server, client, packager and CLI (esbuild), types (tsc), the UI (Vite). `--no-types`, `--no-ui` leave parts out. */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildContainer } from './container.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const version = JSON.parse(readFileSync(`${root}package.json`, 'utf8')).version;
const flags = new Set(process.argv.slice(2));

/** Native or optional packages stay outside the bundles. */
const external = ['better-sqlite3', 'pg', 'onnxruntime-node', '@aws-sdk/*', 'archiver'];

export const nodeBuild = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  external,
  define: { __MLTRACK_VERSION__: JSON.stringify(version), __MLTRACK_SENDER__: '"./spool-sender.js"' },
  // Bundled CommonJS packages call require() for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  logLevel: 'warning',
};

export const entryPoints = [
  { in: 'cli/main.ts', out: 'cli' },
  { in: 'server/index.ts', out: 'server' },
  { in: 'server/threads/worker.ts', out: 'store-worker' },
  { in: 'client/node/index.ts', out: 'client' },
  { in: 'client/node/spool/sender-thread.ts', out: 'spool-sender' },
  { in: 'packager/index.ts', out: 'packager' },
  { in: 'packager/serving/engine/worker.ts', out: 'serving-worker' },
  { in: 'packager/serving/probing/provider-probe.ts', out: 'serving-probe' },
  { in: 'packager/image/gzip-worker.ts', out: 'gzip-worker' },
  { in: 'packager/container/entry.ts', out: 'container-entry' },
];

const commonJs = {
  ...nodeBuild,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { ...nodeBuild.define, 'import.meta.url': '__url' },
  banner: { js: "const __url=require('node:url').pathToFileURL(__filename).href;" },
};

/** The command and the model server's program, each in one file that is loaded at once: they have a start to be quick at. */
export const commandBuild = {
  ...commonJs,
  entryPoints: [
    { in: 'cli/entry.ts', out: 'mltrack' },
    { in: 'cli/serving.ts', out: 'serving' },
  ],
};

function run(command, args) {
  const { status } = spawnSync(process.execPath, [command, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

async function main() {
  const { metafile } = await build({
    ...nodeBuild,
    entryPoints,
    outdir: 'dist',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    metafile: true,
  });
  // Chunks of earlier builds go last: a server that runs from dist may still load the new ones.
  const written = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
  for (const name of readdirSync(`${root}dist`)) {
    if (/\.js(\.map)?$/.test(name) && !written.has(name)) rmSync(`${root}dist/${name}`);
  }
  await build({ ...commandBuild, outdir: 'dist' });
  await buildContainer(nodeBuild, root);
  await build({
    ...nodeBuild,
    banner: {},
    entryPoints: [
      { in: 'client/node/index.ts', out: 'node' },
      { in: 'client/node/spool/sender-thread.ts', out: 'spool-sender' },
    ],
    outdir: 'client/dist',
  });
  // For `require`: a package each, and each with its own state.
  await build({ ...commonJs, entryPoints: [{ in: 'client/node/index.ts', out: 'client' }], outdir: 'dist' });
  await build({ ...commonJs, entryPoints: [{ in: 'client/node/index.ts', out: 'node' }], outdir: 'client/dist' });
  await build({
    ...nodeBuild,
    banner: {},
    platform: 'browser',
    target: 'es2022',
    entryPoints: [{ in: 'client/index.ts', out: 'browser' }],
    outdir: 'client/dist',
  });
  cpSync(`${root}LICENSE`, `${root}client/dist/LICENSE`);
  if (!flags.has('--no-types')) {
    rmSync(`${root}dist/types`, { recursive: true, force: true });
    run('node_modules/typescript/bin/tsc', ['-p', 'scripts/tsconfig.types.json']);
    for (const to of ['dist/types-cjs', 'client/dist/types', 'client/dist/types-cjs']) copyTypes(`${root}${to}`);
  }
  if (!flags.has('--no-ui')) {
    run('node_modules/vite/bin/vite.js', ['build', 'ui', '--logLevel', 'warn']);
    compress(`${root}dist/ui/assets`);
  }
}

/** The client's types. TypeScript takes them for those of CommonJS modules where a package.json beside them says so. */
function copyTypes(to) {
  rmSync(to, { recursive: true, force: true });
  for (const room of ['api', 'client']) cpSync(`${root}dist/types/${room}`, `${to}/${room}`, { recursive: true });
  if (to.endsWith('-cjs')) writeFileSync(`${to}/package.json`, '{ "type": "commonjs" }\n');
}

/** The server sends `NAME.gz` to browsers that take it: compressed once, here, and at the highest level. */
function compress(folder) {
  for (const name of readdirSync(folder)) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    writeFileSync(`${folder}/${name}.gz`, gzipSync(readFileSync(`${folder}/${name}`), { level: 9 }));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();

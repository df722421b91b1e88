/** Builds the bench, the servers written for it and mltrack as they are now into .cache/bench, and runs it. Options: see bench/main.ts. */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { build, stop } from 'esbuild';
import { commandBuild, entryPoints, nodeBuild } from './build.mjs';

const out = '.cache/bench';
const root = nodeBuild.absWorkingDir;
process.chdir(root);
await build({
  absWorkingDir: root,
  entryPoints: [
    'main',
    'floor',
    'serving/express-server',
    'serving/load-process',
    'serving/raw-loop',
    'sdk/program',
  ].map((name) => `bench/${name}.ts`),
  outdir: out,
  bundle: true,
  // Those servers are run as their author would: express as installed.
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
});
rmSync(`${out}/dist`, { recursive: true, force: true });
await build({
  ...nodeBuild,
  entryPoints,
  outdir: `${out}/dist`,
  splitting: true,
  chunkNames: 'chunk-[hash]',
});
await build({ ...commandBuild, outdir: `${out}/dist` });
await stop();
if (process.argv[2] === 'ui') {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs', '--no-types'], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  cpSync('dist/ui', `${out}/dist/ui`, { recursive: true });
}
await import(`../${out}/main.js`);

/** Builds the bench, the servers written for it and mltrack as they are now into .cache/bench, and runs it. Options: see bench/main.ts. */
import { rmSync } from 'node:fs';
import { build, stop } from 'esbuild';
import { commandBuild, entryPoints, nodeBuild } from './build.mjs';

const out = '.cache/bench';
const root = nodeBuild.absWorkingDir;
process.chdir(root);
await build({
  absWorkingDir: root,
  entryPoints: ['main', 'floor', 'serving/express-server', 'serving/load-process', 'serving/raw-loop'].map(
    (name) => `bench/${name}.ts`,
  ),
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
await import(`../${out}/main.js`);

/** Builds the bench, its floor and the server as they are now into .cache/bench, and runs it. Options: see bench/main.ts. */
import { rmSync } from 'node:fs';
import { build, stop } from 'esbuild';
import { entryPoints, nodeBuild } from './build.mjs';

const out = '.cache/bench';
const root = nodeBuild.absWorkingDir;
process.chdir(root);
await build({
  absWorkingDir: root,
  entryPoints: ['bench/main.ts', 'bench/floor.ts'],
  outdir: out,
  bundle: true,
  // The floor is run as its author would: express as installed.
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
await stop();
await import(`../${out}/main.js`);

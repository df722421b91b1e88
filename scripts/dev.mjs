/** `npm run dev`: the server, restarted when its sources change, and Vite's server for the UI. Arguments after `--` go to `mltrack server`. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { install, root, say } from './prepare.mjs';

install(['client']);
const { context } = await import('esbuild');
const { createServer } = await import('vite');
const { entryPoints, nodeBuild } = await import('./build.mjs');

const API_PORT = process.env.MLTRACK_DEV_PORT ?? '5001';
const outdir = join(root, '.cache/dev');
const args = ['server', '--port', API_PORT, ...process.argv.slice(2)];

let child;
let ending = false;

/** The old server has let go of its port and its database before the new one starts. */
async function restart() {
  const old = child;
  if (old && old.exitCode === null && old.signalCode === null) {
    const gone = new Promise((resolve) => old.once('exit', resolve));
    old.kill('SIGTERM');
    await gone;
  }
  if (ending) return;
  child = spawn(process.execPath, ['--enable-source-maps', join(outdir, 'cli.js'), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

let restarting = Promise.resolve();
const restarts = {
  name: 'restarts',
  setup: (build) =>
    build.onEnd((result) => {
      if (result.errors.length === 0) restarting = restarting.then(restart);
    }),
};

const watching = await context({
  ...nodeBuild,
  minifySyntax: false,
  minifyWhitespace: false,
  entryPoints,
  outdir,
  splitting: true,
  chunkNames: 'chunk-[hash]',
  plugins: [restarts],
});
await watching.watch();

process.env.MLTRACK_DEV_SERVER = `http://127.0.0.1:${API_PORT}`;
const ui = await createServer({ root: join(root, 'ui'), configFile: join(root, 'ui/vite.config.ts') });
await ui.listen();
say(`the UI, reloading: ${ui.resolvedUrls?.local[0]}  (API: http://127.0.0.1:${API_PORT})`);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    ending = true;
    await Promise.all([watching.dispose(), ui.close(), restarting.then(restart)]);
    process.exit(0);
  });
}

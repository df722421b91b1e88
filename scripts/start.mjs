/** `npm start`: installs and builds what is out of date, then runs `mltrack server` in this process with the arguments after `--`. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale, install, root } from './prepare.mjs';

install(['client']);
buildIfStale();
const cli = join(root, 'dist/mltrack.cjs');
process.argv = [process.argv[0], cli, 'server', ...process.argv.slice(2)];
await import(pathToFileURL(cli).href);

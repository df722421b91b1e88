/** `npm start`: installs and builds what is out of date, then runs `mltrack server` in this process with the arguments after `--`. */
import { buildIfStale, install } from './prepare.mjs';

install(['client']);
buildIfStale();
const cli = new URL('../dist/cli.js', import.meta.url);
process.argv = [process.argv[0], cli.pathname, 'server', ...process.argv.slice(2)];
await import(cli.href);

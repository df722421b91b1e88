#!/usr/bin/env node
/**
 * What the `mltrack` command runs. `models serve` is started under a supervisor, which restarts it when onnxruntime's
 * native code takes the process along; everything else, and the supervised process itself, is `main.ts`.
 */
import { supervise } from './supervisor.js';

const [noun, verb, ...flags] = process.argv.slice(2);
const serving = noun === 'models' && verb === 'serve' && !flags.includes('--help');
if (serving && process.env.MLTRACK_SUPERVISED !== '0') supervise();
else await import('./main.js');

#!/usr/bin/env node
/**
 * What the `mltrack` command runs. `models serve` is a program of its own, under a supervisor, which restarts it when
 * onnxruntime's native code takes the process along; everything else is `main.ts`. Each lies beside this file when it is built.
 */
import { createRequire } from 'node:module';
import { supervise } from './supervisor.js';

const [noun, verb, ...flags] = process.argv.slice(2);
const serving = noun === 'models' && verb === 'serve' && !flags.includes('--help');
if (!serving) import(new URL('./cli.js', import.meta.url).href);
// Not imported: Node would read a file of its size twice, once for the names that it exports.
else if (process.env.MLTRACK_SUPERVISED === '0') createRequire(import.meta.url)('./serving.cjs');
else supervise(new URL('./serving.cjs', import.meta.url));

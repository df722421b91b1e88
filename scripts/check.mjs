/** `npm run check`: types, style, golden files and the tests (`--no-tests`: of these the rules of the house only). Ends with the count line. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildIfStale, install, root } from './prepare.mjs';
import { countLine, runTests } from './vitest.mjs';

const withTests = !process.argv.includes('--no-tests');
install(['client', 'test', 'bench']);
buildIfStale();

/** name, what it is about, program and arguments, seconds it may take */
const STEPS = [
  ['types', 'node_modules/typescript/bin/tsc', ['--noEmit'], 300],
  ['style', 'node_modules/@biomejs/biome/bin/biome', ['check', '.'], 120],
  ['golden files', 'scripts/golden.mjs', ['--check'], 120],
];

const total = { passed: 0, failed: 0, skipped: 0 };
const rows = [];

for (const [name, program, args, seconds] of STEPS) {
  const start = Date.now();
  console.log(`── ${name}`);
  const { status, error } = spawnSync(process.execPath, [join(root, program), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: seconds * 1000,
  });
  if (error) console.log(`${name}: ${error.message}`);
  total[status === 0 ? 'passed' : 'failed'] += 1;
  rows.push([name, status === 0 ? 'ok' : 'FAILED', start]);
}

const name = withTests ? 'tests' : 'rules';
console.log(`── ${name}`);
const start = Date.now();
const { status, ...counts } = await runTests(
  withTests ? [] : ['test/house/imports.test.ts', 'test/house/tree.test.ts'],
);
for (const each of Object.keys(total)) total[each] += counts[each];
rows.push([name, status === 0 ? 'ok' : 'FAILED', start]);

console.log('');
rows.forEach(([step, outcome, from], i) => {
  const to = rows[i + 1]?.[2] ?? Date.now();
  console.log(`${step.padEnd(14)} ${outcome.padEnd(8)} ${((to - from) / 1000).toFixed(1)} s`);
});
console.log(countLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;

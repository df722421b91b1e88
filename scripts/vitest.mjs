/** Runs vitest and counts what it ran, from its JSON report. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const REPORT = join(root, '.cache/test-report.json');

/** Resolves to the counts, and 0 where nothing failed. A file that could not be loaded counts as one failure. */
export async function runTests(args) {
  rmSync(REPORT, { force: true });
  const status = await new Promise((resolve) => {
    const vitest = spawn(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        ...['run', '--config', 'test/vitest.config.ts'],
        ...['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`],
        ...args,
      ],
      { cwd: root, stdio: 'inherit' },
    );
    // Ctrl-C reaches the whole group: vitest ends what its tests started, and this process waits for it.
    process.on('SIGINT', () => {});
    vitest.once('exit', (code) => resolve(code ?? 1));
  });
  const counts = read();
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  // What a test's library does at the end may have changed vitest's own exit code.
  return { ...counts, status: counts.failed > 0 ? 1 : 0 };
}

function read() {
  try {
    const report = JSON.parse(readFileSync(REPORT, 'utf8'));
    const unloaded = report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    );
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + unloaded.length,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    // Without a report nothing is proven.
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

export const countLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** The test run: every *.test.ts below test/, files on two processes, one PostgreSQL for all. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: {
    __MLTRACK_VERSION__: '"0.0.0-test"',
    __MLTRACK_SENDER__: JSON.stringify(new URL('../dist/spool-sender.js', import.meta.url).href),
  },
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/harness/postgres.ts'],
    pool: 'forks',
    maxWorkers: 2,
    env: { MLTRACK_SPOOL_DIR: fileURLToPath(new URL('../.cache/spool', import.meta.url)) },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

/** What a stranger does first: `npm start` in this clone answers /health and shows the UI, ends cleanly, and starts again quickly. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Measured at 400 to 900 ms; the bound leaves room for a busy machine.
const SECOND_START = 6000;
const folder = mkdtempSync(join(tmpdir(), 'mltrack-start-'));
const flags = [
  '--port',
  '0',
  '--backend-store-uri',
  `sqlite:///${folder}/mltrack.db`,
  '--artifacts-destination',
  folder,
];
const counts = { passed: 0, failed: 0 };

function claim(what, holds) {
  counts[holds ? 'passed' : 'failed'] += 1;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`);
}

/** Resolves to the URL once it is printed, and how long that took. */
async function start() {
  const from = performance.now();
  const child = spawn('npm', ['start', '--', ...flags], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const url = await new Promise((resolve) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const found = /http:\/\/\S+/.exec(text);
      if (found) resolve(found[0]);
    });
    ended.then(() => resolve(undefined));
  });
  // As Ctrl-C does: the signal reaches npm and the server. npm does not wait; the server holds stdout open until it ends.
  const stop = async () => {
    const closed = new Promise((resolve) => child.stdout.once('close', resolve));
    process.kill(-child.pid, 'SIGINT');
    await Promise.all([ended, closed]);
    return !(await answers(url));
  };
  return { url, ms: Math.round(performance.now() - from), stop };
}

const answers = (url) =>
  fetch(url).then(
    () => true,
    () => false,
  );

async function textOf(url) {
  const answer = await fetch(url, { headers: { accept: 'text/html' } });
  return answer.ok ? answer.text() : '';
}

try {
  const first = await start();
  claim(`npm start prints its URL (${first.ms} ms)`, first.url !== undefined);
  if (first.url) {
    claim('/health says OK', (await textOf(`${first.url}/health`)) === 'OK');
    claim('the UI is served', (await textOf(first.url)).includes('<div id='));
    claim('Ctrl-C ends it', await first.stop());
    const again = await start();
    claim(
      `the second start takes ${again.ms} ms, at most ${SECOND_START}`,
      again.url !== undefined && again.ms <= SECOND_START,
    );
    if (again.url) await again.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed, 0 skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

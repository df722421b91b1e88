/** The progress of a push, as a terminal shows it and as a log does. */
import { expect, test } from 'vitest';
import { progressLine } from '../../cli/progress.js';
import type { PushProgress } from '../../packager/index.js';

const at = (done: number, sent = done): PushProgress => ({ total: 40e6, done, sent, speed: sent > 0 ? 12.34e6 : 0 });

function screen(size: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  return { ...size, written, write: (text: string) => written.push(text) };
}

test('a terminal has one line with a bar, bytes and speed, which ends with the last state', () => {
  const terminal = screen({ isTTY: true, columns: 100 });
  const line = progressLine(terminal, 'Pushing app:v1');
  line.update(at(10e6));
  line.update(at(20e6));
  line.update(at(40e6));
  line.end();
  expect(terminal.written[0]).toBe(
    `\rPushing app:v1 [${'#'.repeat(8)}${'-'.repeat(22)}] 25 %, 10.0 of 40.0 MB, 12.3 MB/s\x1b[K`,
  );
  expect(terminal.written.slice(-2)).toEqual([
    `\rPushing app:v1 [${'#'.repeat(30)}] 100 %, 40.0 of 40.0 MB, 12.3 MB/s\x1b[K`,
    '\n',
  ]);
});

test('a narrow terminal gets a line that fits into it', () => {
  const terminal = screen({ isTTY: true, columns: 40 });
  const line = progressLine(terminal, 'Pushing 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v1');
  line.update(at(10e6));
  line.end();
  for (const text of terminal.written) expect(text.replace('\x1b[K', '').trim().length).toBeLessThan(40);
});

test('many updates in a moment are drawn once', () => {
  const terminal = screen({ isTTY: true, columns: 100 });
  const line = progressLine(terminal, 'Pushing app:v1');
  const start = performance.now();
  let updates = 0;
  for (; performance.now() - start < 50; updates++) line.update(at(updates));
  expect(updates).toBeGreaterThan(10);
  expect(terminal.written).toHaveLength(1);
});

test('what is piped has a plain line for each quarter, once', () => {
  const log = screen({});
  const line = progressLine(log, 'Pushing app:v1');
  for (const done of [1e6, 12e6, 15e6, 22e6, 11e6, 24e6, 31e6, 40e6]) line.update(at(done));
  line.end();
  expect(log.written).toEqual([
    'Pushing app:v1: 30 %, 12.0 of 40.0 MB, 12.3 MB/s\n',
    'Pushing app:v1: 55 %, 22.0 of 40.0 MB, 12.3 MB/s\n',
    'Pushing app:v1: 77 %, 31.0 of 40.0 MB, 12.3 MB/s\n',
    'Pushing app:v1: 100 %, 40.0 of 40.0 MB, 12.3 MB/s\n',
  ]);
});

test('a push that sends nothing says so, and one without progress says nothing', () => {
  const log = screen({});
  progressLine(log, 'Pushing app:v1').update(at(40e6, 0));
  expect(log.written).toEqual(['Pushing app:v1: 100 %, 40.0 of 40.0 MB, nothing to send\n']);
  const terminal = screen({ isTTY: true });
  progressLine(terminal, 'Pushing app:v1').end();
  expect(terminal.written).toEqual([]);
});

/** A page visited by a real browser: how long until it shows what was asked for, and what it had to load for that. */
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../test/harness/chromium.js';

export interface Visit {
  /** From the navigation to the first drawing that shows it, in ms. */
  ms: number;
  /** The scripts, each compressed by gzip, in kB (10^3 bytes), however the server sent them. */
  scriptKB: number;
  requests: number;
}

const PATIENCE = 120_000;

/** Asked in the page, where nothing else of this program is. */
export interface Sign {
  holds(argument: string): boolean;
  readonly argument: string;
}

export async function launch(): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  return chromium.launch({
    executablePath,
    env: { ...(process.env as Record<string, string>), ...env },
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--js-flags=--expose-gc'],
  });
}

/** A page with an empty cache. Close its context afterwards. */
export async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  return context.newPage();
}

/** Opens the URL with an empty cache and waits until the sign, looked for at every frame, holds. */
export async function visit(browser: Browser, url: string, sign: Sign): Promise<Visit> {
  const page = await newPage(browser);
  const bodies: Promise<number>[] = [];
  let requests = 0;
  page.on('response', (response) => {
    requests++;
    if (response.request().resourceType() !== 'script') return;
    bodies.push(
      response.body().then(
        (bytes) => gzipSync(bytes, { level: 9 }).length,
        // Of a request that the page gave up.
        () => 0,
      ),
    );
  });
  const began = performance.now();
  await page.goto(url, { waitUntil: 'commit', timeout: PATIENCE });
  await shown(page, sign);
  const ms = performance.now() - began;
  const scriptKB = (await Promise.all(bodies)).reduce((sum, size) => sum + size, 0) / 1000;
  await page.context().close();
  return { ms, scriptKB, requests };
}

export const shown = (page: Page, { holds, argument }: Sign) =>
  page.waitForFunction(holds, argument, { polling: 'raf', timeout: PATIENCE });

export const isShown = (page: Page, { holds, argument }: Sign): Promise<boolean> => page.evaluate(holds, argument);

/** What the page's scripts hold after a collection, in MB (10^6 bytes). */
export async function heapMB(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1e6;
}

/** The longest task of the page's main thread, in ms, while `during` runs; tasks under 50 ms are not told apart from none: 0. */
export async function longestTask(page: Page, during: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const found = window as unknown as { longest: number; observer: PerformanceObserver };
    found.longest = 0;
    found.observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) found.longest = Math.max(found.longest, duration);
    });
    found.observer.observe({ type: 'longtask' });
  });
  await during();
  return page.evaluate(() => (window as unknown as { longest: number }).longest);
}

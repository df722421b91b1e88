/** A page in a real Chromium for a test, which also notes what no page of ours may do: log an error or leave its server. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.js';

export interface PageOptions {
  colorScheme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
}

export interface TestPage {
  readonly page: Page;
  /** Console errors and warnings, uncaught exceptions, and failed requests so far. */
  readonly problems: string[];
  /** URLs requested from other origins than the page's. */
  readonly foreign: string[];
  close(): Promise<void>;
}

/** For `expect.poll` on a page: its own second is too short for a busy machine. */
export const PATIENCE = { timeout: 20_000 };

let browser: Promise<Browser> | undefined;

async function launch(): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  return chromium.launch({
    executablePath,
    env: { ...(process.env as Record<string, string>), ...env },
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
  });
}

/** Opens the URL in a page with a profile of its own. The browser is started once per test file. */
export async function openPage(url: string, options: PageOptions = {}): Promise<TestPage> {
  browser ??= launch();
  const context = await (await browser).newContext({
    colorScheme: options.colorScheme ?? 'light',
    viewport: options.viewport ?? { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const foreign: string[] = [];
  const { origin } = new URL(url);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('requestfailed', (request) => {
    // A page that is left takes its requests with it.
    const why = request.failure()?.errorText ?? '';
    if (why !== 'net::ERR_ABORTED') problems.push(`${request.url()} ${why}`);
  });
  page.on('request', (request) => {
    const { protocol, origin: from } = new URL(request.url());
    if (/^https?:|^wss?:/.test(protocol) && from !== origin) foreign.push(request.url());
  });
  await page.goto(url);
  return { page, problems, foreign, close: () => context.close() };
}

/** Ends the browser of this test file. */
export async function closeBrowser(): Promise<void> {
  const started = browser;
  browser = undefined;
  await (await started)?.close();
}

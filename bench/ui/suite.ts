/** `npm run bench -- ui`: how fast mltrack's pages are there, and what they load and hold, beside MLflow's on the same data, in a real browser. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { Connection, median } from '../load.js';
import { choose, type Options, progress } from '../options.js';
import { type PeerName, peers } from '../peers.js';
import { type Server, startServer, temporaryFolder } from '../server.js';
import { aligned, digits, heading, machine } from '../table.js';
import { fillCurves, fillSweep, type Sweep } from './fill.js';
import { heapMB, isShown, launch, longestTask, newPage, type Sign, shown, visit } from './visit.js';

const PEERS = ['mltrack', 'mlflow'] as const;
type Peered = (typeof PEERS)[number];

interface Measure {
  name: string;
  title: string;
  /** mltrack's figure at most. */
  most?: number;
  /** At least so many times less than MLflow's. */
  ratio?: number;
}

const measures: Measure[] = [
  { name: 'scripts', title: 'runs of an experiment: scripts, gzip, kB', most: 200 },
  { name: 'requests', title: 'runs of an experiment: requests', most: 8 },
  { name: 'rows', title: 'first of 1,000 runs shown, cold, ms', ratio: 6 },
  { name: 'run', title: 'a run’s page shown, cold, ms', ratio: 5 },
  { name: 'curves', title: '20 runs of 100,000 points drawn, cold, ms', most: 1000 },
  { name: 'far', title: '100 runs of 1,000,000 points drawn, cold, ms', most: 2500 },
  { name: 'scroll', title: 'scrolling 10,000 runs, longest task, ms (0: none of 50)', most: 50 },
  { name: 'heap', title: 'heap, runs of an experiment, MB', most: 40 },
  { name: 'live', title: 'heap after ten minutes of a run that logs, MB', most: 40 },
];

type Figures = Partial<Record<string, number>>;

/** Where each server has a page, and what tells that it is shown. */
const pages: Record<Peered, { runs(sweep: Sweep): string; run(sweep: Sweep): string }> = {
  mltrack: {
    runs: ({ experiment }) => `/experiments/${experiment}`,
    run: ({ experiment, last }) => `/experiments/${experiment}/runs/${last.id}`,
  },
  mlflow: {
    runs: ({ experiment }) => `/#/experiments/${experiment}/runs`,
    run: ({ experiment, last }) => `/#/experiments/${experiment}/runs/${last.id}`,
  },
};
const says = (text: string): Sign => ({
  // biome-ignore lint/performance/useDomNodeTextContent: what counts is what is seen
  holds: (sought) => document.body?.innerText.includes(sought) ?? false,
  argument: text,
});
/** A canvas of a chart with something in colour on it. */
const DRAWN: Sign = {
  holds: (selector) =>
    [...document.querySelectorAll<HTMLCanvasElement>(selector)].some((canvas) => {
      if (canvas.width === 0 || canvas.height === 0) return false;
      const { data = [] } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
      for (let at = 0; at < data.length; at += 4) {
        if (Math.abs((data[at] ?? 0) - (data[at + 2] ?? 0)) > 60) return true;
      }
      return false;
    }),
  argument: 'figure canvas',
};

export async function ui(options: Options): Promise<Partial<Record<PeerName, Figures>>> {
  const chosen = choose(
    options.only,
    measures.map(({ name }) => name),
  );
  const chosenPeers = choose(options.peers, PEERS);
  const here = machine();
  const results: Partial<Record<Peered, Figures>> = {};
  const browser = await launch();
  for (const name of PEERS.filter((each) => chosenPeers.has(each))) {
    const server = await startServer(peers[name], temporaryFolder(name));
    const figures: Figures = {};
    results[name] = figures;
    try {
      await measureServer(browser, server, name, chosen, figures, options.quick);
    } catch (error) {
      progress(`${peers[name].title} failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
    await server.stop();
  }
  await browser.close();
  console.log([heading(here), '', table(results), ''].join('\n'));
  return results;
}

async function measureServer(
  browser: Browser,
  server: Server,
  name: Peered,
  chosen: Set<string>,
  figures: Figures,
  isQuick: boolean,
): Promise<void> {
  const { port } = server;
  const rate = await server.restingRate();
  const url = (path: string) => `http://127.0.0.1:${port}${path}`;
  const times = isQuick ? 2 : 5;
  progress(`${peers[name].title}: fills 1,000 runs`);
  const sweep = await fillSweep(port, 'sweep', isQuick ? 100 : 1000);
  await server.settled(rate);
  const has = (...names: string[]) => names.some((each) => chosen.has(each));
  if (has('scripts', 'requests', 'rows')) {
    progress(`${peers[name].title}: the runs of an experiment`);
    const visits = await several(times, () => visit(browser, url(pages[name].runs(sweep)), says(sweep.last.name)));
    figures.rows = median(visits.map(({ ms }) => ms));
    figures.scripts = median(visits.map(({ scriptKB }) => scriptKB));
    figures.requests = median(visits.map(({ requests }) => requests));
  }
  if (has('run')) {
    progress(`${peers[name].title}: the page of a run`);
    const visits = await several(times, () => visit(browser, url(pages[name].run(sweep)), says('param_29')));
    figures.run = median(visits.map(({ ms }) => ms));
  }
  if (has('heap')) figures.heap = await heapOf(browser, url(pages[name].runs(sweep)), says(sweep.last.name));
  if (name !== 'mltrack') return;
  const charts = async (title: string, runs: number, points: number) => {
    progress(`${peers[name].title}: fills ${runs} runs of ${points.toLocaleString('en')} points`);
    const experiment = await fillCurves(port, title, runs, points);
    await folded(server, rate);
    const path = `/experiments/${experiment}?view=charts&shown=${runs}`;
    return median((await several(times, () => visit(browser, url(path), DRAWN))).map(({ ms }) => ms));
  };
  if (has('curves')) figures.curves = await charts('long', 20, isQuick ? 10_000 : 100_000);
  if (has('far')) figures.far = await charts('far', 100, isQuick ? 10_000 : 1_000_000);
  if (has('scroll')) figures.scroll = await scrolled(browser, server, isQuick ? 1000 : 10_000, rate);
  if (has('live')) figures.live = await heapWhileLogging(browser, server, isQuick ? 10_000 : 600_000);
}

async function several<T>(times: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i++) results.push(await run());
  return results;
}

async function heapOf(browser: Browser, url: string, sign: Sign): Promise<number> {
  const page = await newPage(browser);
  await page.goto(url);
  await shown(page, sign);
  await sleep(2000);
  const heap = await heapMB(page);
  await page.context().close();
  return heap;
}

/** From the first row to the last, as a hand turns the wheel. */
async function scrolled(browser: Browser, server: Server, count: number, rate: number): Promise<number> {
  progress(`mltrack: fills ${count.toLocaleString('en')} runs`);
  const sweep = await fillSweep(server.port, 'many', count, 5, 5);
  await folded(server, rate);
  const page = await newPage(browser);
  await page.goto(`http://127.0.0.1:${server.port}/experiments/${sweep.experiment}`);
  await shown(page, says(sweep.last.name));
  progress('mltrack: scrolls');
  await page.mouse.move(700, 500);
  const longest = await longestTask(page, async () => {
    const deadline = performance.now() + 120_000;
    while (performance.now() < deadline && !(await isShown(page, says('many-00000')))) {
      await page.mouse.wheel(0, 1200);
      await sleep(16);
    }
    await shown(page, says('many-00000'));
  });
  await page.context().close();
  return longest;
}

/** A page with the runs and one with the curves of a run that logs once a second: the larger heap at the end. */
async function heapWhileLogging(browser: Browser, server: Server, ms: number): Promise<number> {
  progress(`mltrack: a run logs for ${ms / 60_000} minutes`);
  const control = await Connection.open(server.port);
  const { experiment_id } = await control.ask<{ experiment_id: string }>('POST', '/experiments/create', {
    name: 'live',
  });
  const { run } = await control.ask<{ run: { info: { run_id: string } } }>('POST', '/runs/create', {
    experiment_id,
    run_name: 'logging',
    start_time: Date.now(),
  });
  const { run_id } = run.info;
  const root = `http://127.0.0.1:${server.port}/experiments/${experiment_id}`;
  const opened = [await newPage(browser), await newPage(browser)] as const;
  await opened[0].goto(root);
  await opened[1].goto(`${root}?view=charts`);
  const until = performance.now() + ms;
  for (let step = 0; performance.now() < until; step++) {
    const metrics = ['loss', 'acc', 'val/loss', 'val/acc'].map((key, at) => ({
      key,
      value: Math.sin(step / 50 + at),
      timestamp: Date.now(),
      step,
    }));
    await control.ask('POST', '/runs/log-batch', { run_id, metrics });
    await sleep(1000);
  }
  control.close();
  await shown(opened[0], says('logging'));
  const heaps = [await heapMB(opened[0]), await heapMB(opened[1])];
  for (const page of opened) await page.context().close();
  return Math.max(...heaps);
}

/** Folding millions of points takes minutes. */
async function folded(server: Server, rate: number): Promise<void> {
  for (let patience = 10; ; patience--) {
    try {
      return await server.settled(rate);
    } catch (error) {
      if (patience === 0) throw error;
    }
  }
}

function table(results: Partial<Record<Peered, Figures>>): string {
  const names = PEERS.filter((name) => results[name]);
  const rows = measures.map(({ name, title, most, ratio }) => [
    title,
    ...names.map((peer) => {
      const figure = results[peer]?.[name];
      const ours = results.mltrack?.[name];
      if (figure === undefined) return '';
      if (peer === 'mltrack') {
        return most === undefined ? digits(figure) : `${digits(figure)} ≤${most} ${figure <= most ? 'ok' : 'MISS'}`;
      }
      if (!ours) return digits(figure);
      const times = figure / ours;
      return `${digits(figure)}  ${digits(times)}x${ratio === undefined ? '' : ` ≥${ratio} ${times >= ratio ? 'ok' : 'MISS'}`}`;
    }),
  ]);
  return aligned([
    ['medians', ...names.map((name) => peers[name].title)],
    ...rows.filter((row) => row.slice(1).some(Boolean)),
  ]);
}

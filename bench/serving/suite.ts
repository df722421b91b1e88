/** `npm run bench -- serving`: model servers side by side. Repetitions of a case go around all servers, so that a busy minute hits each. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { memoryOf } from '../cpu.js';
import { median } from '../load.js';
import { choose, type Options, progress } from '../options.js';
import { cache } from '../python.js';
import { type Server, type Startable, startServer, temporaryFolder } from '../server.js';
import { machine } from '../table.js';
import { memory, type ServingCase, servingCases, servingNames, start } from './cases.js';
import { answersRightly, type CaseResult, LoadProcess, measure, medians } from './measure.js';
import { answersTo, batchesOf, type Model, modelNames, readModels } from './models.js';
import { type ServerName, serverNames, servers } from './peers.js';
import { type ServingResults, servingTable } from './table.js';

/** How long one server is driven before it is the next one's turn. */
const turnMs = 1000;
/** So that the servers on V8 have compiled what is hot. */
const firstWarmUpMs = 1000;
/** So that a server that waited is awake. */
const warmUpMsAgain = 200;

interface Running {
  name: ServerName;
  startable: Startable;
  server: Server;
}

/** A case at one server, prepared. */
interface Prepared extends Running {
  messages: Buffer[];
  results: CaseResult[];
}

export async function serving(options: Options): Promise<ServingResults> {
  const chosen = choose(options.only, servingNames);
  const peers = choose(options.peers, [...serverNames, 'raw']);
  const suite = new Suite(chosen, peers, options.quick);
  await suite.run();
  console.log(servingTable(suite.results));
  return suite.results;
}

class Suite {
  readonly results: ServingResults = { machine: machine(), start: {}, memoryMB: {}, cases: {}, raw: {} };
  private readonly load = new LoadProcess();
  private readonly names: ServerName[];
  private readonly repetitions: number;

  constructor(
    private readonly chosen: Set<string>,
    private readonly peers: Set<string>,
    isQuick: boolean,
  ) {
    this.names = serverNames.filter((name) => peers.has(name));
    // Many short turns: a busy second of the machine then falls on all servers, or is the outlier of one median.
    this.repetitions = isQuick ? 1 : 5;
  }

  async run(): Promise<void> {
    const models = readModels();
    for (const name of modelNames) await this.measureModel(models[name]);
    if (this.chosen.has(start.name)) await this.measureStarts(models.small);
    this.load.stop();
  }

  /** Starts all servers with the model, measures its cases at each, and stops them. */
  private async measureModel(model: Model): Promise<void> {
    const cases = servingCases.filter((each) => each.model === model.name && this.chosen.has(each.name));
    const withMemory = model.name === 'small' && this.chosen.has(memory.name);
    if (cases.length === 0 && !withMemory) return;
    const running: Running[] = [];
    for (const name of this.names) {
      await this.attempt(name, async () => {
        progress(`${servers[name].title}: start with the ${model.name} model`);
        running.push(await startModelServer(name, model));
      });
    }
    for (const each of cases) await this.measureCase(each, model, running);
    for (const { name, server } of running) {
      if (withMemory) this.results.memoryMB[name] = memoryOf(server.pid);
      await server.stop();
    }
  }

  private async measureCase(each: ServingCase, model: Model, running: Running[]): Promise<void> {
    const figures: ServingResults['cases'][string] = {};
    this.results.cases[each.name] = figures;
    progress(each.title);
    const prepared: Prepared[] = [];
    for (const one of running) {
      await this.attempt(one.name, async () => {
        const messages = await this.prepare(each, model, one);
        if (messages) prepared.push({ ...one, messages, results: [] });
        else figures[one.name] = 'not there';
      });
    }
    const rates: number[] = [];
    for (let repetition = 0; repetition < this.repetitions; repetition++) {
      for (const { name, server, startable, messages, results } of prepared) {
        await this.attempt(name, async () => {
          this.load.give(messages);
          const warmUpMs = repetition === 0 ? firstWarmUpMs : warmUpMsAgain;
          results.push(await measure(this.load, server, each, { health: startable.health, warmUpMs, ms: turnMs }));
        });
      }
      if (each.numbers === 'binary' && this.peers.has('raw')) rates.push(rawBatchesPerSecond(model, each.rows));
    }
    for (const { name, results } of prepared) if (results.length > 0) figures[name] = medians(results);
    if (rates.length > 0) this.results.raw[each.name] = median(rates);
  }

  /** The requests of a case, once their answers are known to be right; undefined when the server has no such dialect. */
  private async prepare(each: ServingCase, model: Model, { name, server }: Running): Promise<Buffer[] | undefined> {
    const isBinary = each.numbers === 'binary';
    const dialect = isBinary ? servers[name].binary : servers[name].json;
    if (!dialect) return undefined;
    const batches = batchesOf(model, each.rows);
    const messages = batches.map((batch) => dialect.request(batch, each.numbers === 'full' ? 'full' : 'short'));
    const isThere = await answersRightly(server, dialect, messages, await answersTo(model, batches));
    return isThere ? messages : undefined;
  }

  /** After everything else: every program is in the disk's cache then. */
  private async measureStarts(model: Model): Promise<void> {
    for (const name of this.names) {
      progress(`${servers[name].title}: start`);
      await this.attempt(name, async () => {
        const times: Server['start'][] = [];
        while (times.length < (this.repetitions > 1 ? start.starts[name] : 1)) {
          const { server } = await startModelServer(name, model);
          times.push(server.start);
          await server.stop();
        }
        this.results.start[name] = {
          cpuMs: median(times.map((each) => each.cpuMs)),
          wallMs: median(times.map((each) => each.wallMs)),
        };
      });
    }
  }

  /** What fails at one server is said, and leaves its figures out. */
  private async attempt(name: ServerName, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      progress(`${servers[name].title} failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
}

async function startModelServer(name: ServerName, model: Model): Promise<Running> {
  const startable = servers[name].serving(model);
  return { name, startable, server: await startServer(startable, temporaryFolder(name)) };
}

function rawBatchesPerSecond(model: Model, rows: number): number {
  const args = [join(cache, 'serving/raw-loop.js'), model.onnx, model.rows, String(rows), String(turnMs)];
  const { batches, wallMs } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
    batches: number;
    wallMs: number;
  };
  return batches / (wallMs / 1000);
}

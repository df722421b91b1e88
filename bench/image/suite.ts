/** `npm run bench -- image`: the image that serves models, from nothing to a container's first answer, beside buildah. */
import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../load.js';
import { choose, type Options, progress } from '../options.js';
import { temporaryFolder } from '../server.js';
import { aligned, digits, heading, isQuiet, type Machine, machine } from '../table.js';
import {
  type Builder,
  type BuilderName,
  buildahBuilder,
  builderNames,
  type Cost,
  layerSizes,
  layoutOf,
  mltrackBuilder,
} from './builders.js';
import { MODEL, type Start, startContainer, unpack } from './container.js';
import { startRegistry } from './registry.js';

/** In ms, on a quiet machine of two cores. */
const targets = { cold: 4000, unchanged: 150, start: 1000 } as const;
const repetitions = 5;

const cases = ['cold', 'unchanged', 'model', 'start'] as const;
type CaseName = (typeof cases)[number];

const titles: Record<Exclude<CaseName, 'start'>, string> = {
  cold: 'nothing made yet, packages on disk: made and sent',
  unchanged: 'nothing changed: made and sent under another tag',
  model: 'another model inside: made and sent',
};

type Measured = Cost & { readonly sent: number };

export interface ImageResults {
  machine: Machine;
  cases: Partial<Record<CaseName, Partial<Record<BuilderName, Measured>>>>;
  /** Of mltrack's image: bytes of its layers, compressed. */
  bytes: number;
  start?: Start;
}

export async function image(options: Options): Promise<ImageResults> {
  const chosen = choose(options.only, cases);
  const peers = choose(options.peers, builderNames);
  // The commands that are measured are the built ones, with the base and the container's code.
  execFileSync(process.execPath, ['scripts/build.mjs', '--no-ui', '--no-types'], { stdio: ['ignore', 2, 2] });
  execFileSync(process.execPath, ['scripts/debian-layer.mjs'], { stdio: ['ignore', 2, 2] });
  const layout = join(temporaryFolder('layout'), 'layout');
  layoutOf(layout);
  const results: ImageResults = {
    machine: machine(),
    cases: {},
    bytes: layerSizes(layout).reduce((sum, { size }) => sum + size, 0),
  };
  const builders: Partial<Record<BuilderName, Builder>> = {
    ...(peers.has('mltrack') && { mltrack: mltrackBuilder() }),
    ...(peers.has('buildah') && { buildah: buildahBuilder(layout) }),
  };
  const times = options.quick ? 1 : repetitions;
  await measureBuilds(results, builders, chosen, times);
  if (chosen.has('start')) results.start = await measureStart(layout, times);
  console.log(tableOf(results));
  return results;
}

/** Each builder in turn, so that a busy minute of the machine hits both. */
async function measureBuilds(
  results: ImageResults,
  builders: Partial<Record<BuilderName, Builder>>,
  chosen: Set<string>,
  times: number,
): Promise<void> {
  const found: Record<string, Measured[]> = {};
  const model = temporaryFolder('model');
  cpSync(MODEL, model, { recursive: true });
  for (let time = 0; time < times; time++) {
    for (const [name, builder] of Object.entries(builders)) {
      progress(`${name}, ${time + 1} of ${times}`);
      const registry = await startRegistry();
      const measure = async (which: CaseName, tag: string, inside?: string) => {
        registry.sent();
        const cost = await builder.push(registry, tag, inside);
        found[`${which} ${name}`] = [...(found[`${which} ${name}`] ?? []), { ...cost, sent: registry.sent() }];
      };
      builder.forget();
      await measure('cold', 'one');
      if (chosen.has('unchanged')) await measure('unchanged', 'two');
      if (chosen.has('model')) {
        await builder.push(registry, 'three', model);
        writeFileSync(join(model, 'note.txt'), `${name} ${time}`);
        await measure('model', 'four', model);
      }
      registry.stop();
    }
  }
  for (const which of cases) {
    if (which === 'start' || !chosen.has(which)) continue;
    const of = (all: Measured[]): Measured => ({
      wallMs: median(all.map(({ wallMs }) => wallMs)),
      cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
      sent: median(all.map(({ sent }) => sent)),
    });
    const names = Object.keys(builders) as BuilderName[];
    results.cases[which] = Object.fromEntries(names.map((name) => [name, of(found[`${which} ${name}`]!)]));
  }
}

async function measureStart(layout: string, times: number): Promise<Start> {
  const bundle = unpack(layout);
  const starts: Start[] = [];
  for (let time = 0; time < times; time++) {
    progress(`a container, ${time + 1} of ${times}`);
    starts.push(await startContainer(bundle));
  }
  return {
    pingMs: median(starts.map(({ pingMs }) => pingMs)),
    answerMs: median(starts.map(({ answerMs }) => answerMs)),
  };
}

function tableOf({ machine, cases: measured, bytes, start }: ImageResults): string {
  const names = builderNames.filter((name) => Object.values(measured).some((each) => each[name]));
  const quiet = isQuiet(machine);
  const rows = Object.entries(measured).map(([which, figures]) => [
    titles[which as keyof typeof titles],
    ...names.map((name) => {
      const figure = figures[name];
      if (!figure) return '';
      const theirs =
        name === 'mltrack' || !figures.mltrack ? '' : `  ${digits(figure.wallMs / figures.mltrack.wallMs)}x`;
      const target = name === 'mltrack' ? verdict(figure.wallMs, targets[which as keyof typeof targets], quiet) : '';
      return `${digits(figure.wallMs)}${target}${theirs}, ${digits(figure.cpuMs)}, ${digits(figure.sent / 1e6)}`;
    }),
  ]);
  return [
    heading(machine),
    '',
    aligned([['Wall clock in ms, CPU time in ms, MB sent', ...names], ...rows]),
    '',
    `The image without a model: ${digits(bytes / 1e6)} MB.`,
    ...(start
      ? [
          `A container, from runc to the first 200 of /ping: ${digits(start.pingMs)} ms${verdict(start.pingMs, targets.start, quiet)}; to the right answer asked for then: ${digits(start.answerMs)} ms.`,
        ]
      : []),
    ...(quiet ? [] : ['', 'The machine was busy: wall-clock figures are not judged.']),
    '',
  ].join('\n');
}

function verdict(value: number, target: number | undefined, quiet: boolean): string {
  if (target === undefined || !quiet) return '';
  return ` ≤${target} ${value <= target ? 'ok' : 'MISS'}`;
}

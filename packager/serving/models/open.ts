/** A model, from its URI to an engine with workers: found, given an execution provider and a number of workers, loaded. */
import { availableParallelism } from 'node:os';
import { type ModelDescription, readModel } from '../../mlmodel.js';
import { resolveModel } from '../../model-uri.js';
import { type Engine, startEngine } from '../engine/engine.js';
import { type Sizing, sizingOf } from '../engine/sizing.js';
import { chooseProvider, type Provider, type ProviderChoice } from '../probing/provider.js';

export interface FoundModel {
  readonly uri: string;
  readonly description: ModelDescription;
  /** Removes the folder if it is a download. */
  remove(): void;
}

export interface OpenOptions {
  readonly choice: ProviderChoice;
  /** Worker threads that were asked for. */
  readonly workers: number | undefined;
  /** Whether other models may run in this process. */
  readonly several: boolean;
  /** Milliseconds after which a worker that still runs the same job counts as stuck. */
  readonly stuckAfter: number;
  /** What the log's lines about the model begin with. */
  readonly label: string;
}

/** Throws an Error of one line when there is no model. */
export async function findModel(uri: string): Promise<FoundModel> {
  const source = await resolveModel(uri);
  try {
    return { uri, description: await readModel(source.path), remove: () => source.remove() };
  } catch (error) {
    source.remove();
    throw error;
  }
}

/** Throws an Error of one line when the model does not load. Its folder stays. */
export async function openModel({ uri, description }: FoundModel, options: OpenOptions): Promise<Engine> {
  const { choice, several, stuckAfter, label } = options;
  const { provider, reason: why } = await chooseProvider(description, choice, several);
  const sizing = sizingFor(description, options, provider);
  const engine = await startEngine({ model: description, provider, sizing, front: !several, stuckAfter }).catch(
    (error: Error) => {
      throw new Error(`The model at ${uri} does not load: ${error.message}`);
    },
  );
  const { on, reason } = engine.batching;
  const threads = description.session.intraOpThreads ?? sizing.intraOpThreads;
  console.error(`mltrack: ${label}execution provider: ${provider} (${why})`);
  console.error(`mltrack: ${label}workers: ${sizing.workers}, threads each: ${threads}`);
  console.error(`mltrack: ${label}requests ${on ? 'share runs' : 'run one by one'}: ${reason}`);
  return engine;
}

/** One of several models gets one worker unless more are asked for: there are many, and each is called seldom. */
export function sizingFor(
  { size }: ModelDescription,
  { workers, several }: Pick<OpenOptions, 'workers' | 'several'>,
  provider: Provider = 'cpu',
): Sizing {
  return sizingOf(size, availableParallelism(), workers, { provider, ...(several && { most: 1 }) });
}

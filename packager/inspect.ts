/** `models inspect`: all that can be told of a model: its files, its graph, its signature, and what runs it on this machine. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { externalFiles } from '../client/onnx/graph.js';
import { type InputSpec, type ModelDescription, type ParamSpec, readModel } from './mlmodel.js';
import { resolveModel } from './model-uri.js';
import { type ModelSummary, summarize, type ValueSummary } from './onnx/summary.js';
import { cutZipMaps } from './onnx/zip-map.js';
import { isProvider, type Provider, probe } from './serving/probing/provider.js';
import type { Batching } from './serving/probing/row-probe.js';
import { startSolo } from './solo.js';

export interface InspectedOutput extends ValueSummary {
  /** The keys of an output that is a list of maps; undefined for others. */
  readonly labels: readonly string[] | undefined;
}

export interface InspectedProvider {
  readonly name: string;
  /** Whether it gives what the CPU gives. Null: it was not tried, or there was nothing to compare. */
  readonly runs: boolean | null;
  /** Why or why not, in one line. */
  readonly reason?: string;
}

export interface Inspection extends ModelSummary {
  readonly model: string;
  readonly flavors: readonly string[];
  /** The ONNX file and those that hold its weights, by names relative to it; the size is null when one is missing. */
  readonly files: readonly { readonly name: string; readonly bytes: number | null }[];
  readonly outputs: readonly InspectedOutput[];
  /** Null when the model has none. */
  readonly signature: {
    readonly inputs: readonly InputSpec[];
    readonly outputs: readonly InputSpec[];
    readonly params: readonly ParamSpec[];
  } | null;
  readonly providers: readonly InspectedProvider[];
  /** Whether requests would share runs; null when the model does not run. */
  readonly batching: Batching | null;
}

/** Throws an Error of one line when there is no model, or its file is none. That it does not run is told, not thrown. */
export async function inspect(modelUri: string): Promise<Inspection> {
  const source = await resolveModel(modelUri);
  try {
    const model = await readModel(source.path);
    const bytes = await readFile(model.file);
    const { summary, labels } = readGraph(bytes, modelUri);
    return {
      model: modelUri,
      flavors: model.flavors,
      files: await filesOf(model, bytes),
      ...summary,
      outputs: summary.outputs.map((output) => ({ ...output, labels: labels.get(output.name) })),
      signature: signatureOf(model),
      ...(await trial(model)),
    };
  } finally {
    source.remove();
  }
}

function readGraph(bytes: Uint8Array, modelUri: string) {
  try {
    const { outputs } = cutZipMaps(bytes);
    return { summary: summarize(bytes), labels: new Map(outputs.map(({ name, labels }) => [name, labels])) };
  } catch (error) {
    throw new Error(`The model at ${modelUri} cannot be read: ${(error as Error).message}`);
  }
}

function filesOf({ file }: ModelDescription, bytes: Uint8Array) {
  const names = [basename(file), ...externalFiles(bytes)];
  return Promise.all(
    names.map(async (name) => {
      const found = await stat(join(dirname(file), name)).catch(() => undefined);
      return { name, bytes: found?.size ?? null };
    }),
  );
}

const signatureOf = ({ inputs, outputs, params }: ModelDescription) =>
  inputs || outputs || params.length > 0 ? { inputs: inputs ?? [], outputs: outputs ?? [], params } : null;

async function trial(model: ModelDescription): Promise<Pick<Inspection, 'providers' | 'batching'>> {
  let batching: Batching | null = null;
  let reason: string | undefined;
  try {
    const engine = await startSolo(model);
    batching = engine.batching;
    await engine.close();
  } catch (error) {
    reason = (error as Error).message;
  }
  const { providers } = await import('./serving/engine/session.js');
  const others = providers().filter((name) => name !== 'cpu');
  if (reason !== undefined)
    return { providers: [{ name: 'cpu', runs: false, reason }, ...others.map(untried)], batching };
  const tried = await Promise.all(others.map((name) => (isProvider(name) ? tryOn(model, name) : untried(name))));
  return { providers: [{ name: 'cpu', runs: true }, ...tried], batching };
}

const untried = (name: string): InspectedProvider => ({ name, runs: null });

async function tryOn(model: ModelDescription, provider: Provider): Promise<InspectedProvider> {
  const { works, reason } = await probe({ model, provider });
  return { name: provider, runs: works === 'unknown' ? null : works, reason };
}

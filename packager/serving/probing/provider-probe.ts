/** A process of its own: loads a model with one execution provider and with cpu, and says whether the answers agree. */
import type { Feeds } from '../engine/batch.js';
import { firstLine, infer, type LoadedModel, load, providers } from '../engine/session.js';
import type { Output } from '../tensor.js';
import { exampleFeeds } from './example.js';
import type { Finding, ProbeSetup } from './provider.js';
import { freeLengths, isContinuous, isSame, randomRows, type Tolerance } from './row-probe.js';

/** A GPU sums in another order than a CPU, and has its own exponential. Half precision has 11 bits. */
const CLOSE: Tolerance = { relative: 1e-4, ofLargest: 1e-5 };
const CLOSE_HALF: Tolerance = { relative: 1e-2, ofLargest: 1e-3 };
/** As many as fill a few blocks of a kernel. */
const ROWS = 9;

async function probe({ model, provider }: ProbeSetup): Promise<Finding> {
  if (!providers().includes(provider)) return { works: false, reason: 'not in this build of onnxruntime' };
  const reference = await load(model, 'cpu', 0);
  let candidate: LoadedModel;
  try {
    candidate = await load(model, provider, 0);
  } catch (error) {
    return { works: false, reason: loadFailure(error) };
  }
  for (const feeds of trials(reference, model.example)) {
    const expected = await infer(reference, feeds).catch(() => undefined);
    if (expected) return compared(expected, await infer(candidate, feeds));
  }
  return {
    works: 'unknown',
    reason: 'not compared with cpu: the graph refuses random rows, and there is no input example',
  };
}

/** Random rows first; where integers and texts must be valid, the model's own example may be needed. */
function* trials(model: LoadedModel, example: string | undefined): Generator<Feeds> {
  const own = exampleFeeds(model, example);
  const discrete = model.inputs.some(({ type }) => !isContinuous(type));
  if (own && discrete) yield own;
  for (const length of freeLengths(model.inputs)) yield randomRows(model.inputs, ROWS, length);
  if (own) yield own;
}

function compared(expected: readonly Output[], actual: readonly Output[]): Finding {
  const other = expected.find(({ tensor }, index) => {
    const tolerance = tensor.type === 'float16' ? CLOSE_HALF : CLOSE;
    return !isSame((actual[index] as Output).tensor, tensor, tolerance);
  });
  if (other) return { works: false, reason: `output '${other.name}' differs from cpu's` };
  return { works: true, reason: 'agrees with cpu' };
}

/** onnxruntime's message, without the place in its sources. */
function loadFailure(error: unknown): string {
  const line = firstLine(error);
  return /(?:Failed to|failed to|was false\.).*$/.exec(line)?.[0].replace(/^was false\. /, '') ?? line;
}

process.once('message', async (setup: ProbeSetup) => {
  const finding = await probe(setup).catch((error): Finding => ({ works: false, reason: firstLine(error) }));
  process.send?.(finding);
});

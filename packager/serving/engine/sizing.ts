/**
 * How many workers a model gets, and how many threads each has within one operator. Small models are fast: their requests
 * are spread over workers. A big one has its weights in memory once, and all cores work at the same request.
 */
import type { Provider } from '../probing/provider.js';

export interface Sizing {
  readonly workers: number;
  /** Threads within one operator; the model's own session options come before it. */
  readonly intraOpThreads: number;
}

const SMALL_MODEL = 50_000_000;
/** More would wait for the thread that speaks HTTP. */
const MOST_WORKERS = 4;

interface Circumstances {
  readonly provider: Provider;
  /** Workers of a small model when none are asked for. */
  readonly most?: number;
}

/**
 * `asked` workers share the cores evenly. Without it, a model below 50 MB gets a worker of one thread a core, four at most.
 * On a GPU one worker is the rule. WebGPU never gets more, whatever is asked: two sessions that run at once crash there
 * (https://github.com/microsoft/onnxruntime/issues/32561).
 */
export function sizingOf(
  modelBytes: number,
  cores: number,
  asked: number | undefined,
  { provider, most = MOST_WORKERS }: Circumstances,
): Sizing {
  if (provider === 'webgpu' || (provider === 'cuda' && asked === undefined))
    return { workers: 1, intraOpThreads: cores };
  if (asked !== undefined) return { workers: asked, intraOpThreads: Math.max(1, Math.floor(cores / asked)) };
  if (modelBytes >= SMALL_MODEL) return { workers: 1, intraOpThreads: cores };
  return { workers: Math.min(cores, most), intraOpThreads: 1 };
}

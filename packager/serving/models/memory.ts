/** How much memory a loaded model takes, by estimate, and how much there is. */
import { totalmem } from 'node:os';
import type { ModelDescription } from '../../mlmodel.js';
import type { Sizing } from '../engine/sizing.js';

/** Weights lie in memory about once a worker; onnxruntime rearranges some for its kernels, and runs need room. */
const PART_OF_WEIGHTS = 1.25;
/** A thread of JavaScript with an empty session, bytes. */
const WORKER_BYTES = 16 * 2 ** 20;

/** Bytes. */
export function memoryOf({ size }: Pick<ModelDescription, 'size'>, { workers }: Pick<Sizing, 'workers'>): number {
  return workers * (size * PART_OF_WEIGHTS + WORKER_BYTES);
}

/** The rest is for the server itself and for what requests bring. */
const PART_OF_MEMORY = 0.75;

/** Bytes that models may take: three quarters of the container's limit, or of the machine's memory where there is none. */
export function memoryForModels(): number {
  // Without a limit this is 0, or a number beyond all memory.
  const limit = process.constrainedMemory();
  return (limit > 0 ? Math.min(limit, totalmem()) : totalmem()) * PART_OF_MEMORY;
}

/** Several calls in one run of the graph: their inputs one below the other on axis 0, and each its own rows of the outputs. */
import { blank, type NumericArray, type Output, sizeOf, type Tensor } from '../tensor.js';

export type Feeds = Readonly<Record<string, Tensor>>;
export type Run = (feeds: Feeds) => Promise<Output[]>;

/** What became of a call: its outputs, or what it threw. */
export type Outcome = { readonly outputs: Output[]; readonly joined: boolean } | { readonly error: unknown };

/**
 * Runs every call, those of the same shape below axis 0 together. It must be known that rows do not depend on each other
 * (see `row-probe.ts`). A run that fails is repeated call by call, so that each gets the answer it would get alone.
 */
export async function runTogether(calls: readonly Feeds[], run: Run): Promise<Outcome[]> {
  const outcomes = new Array<Outcome>(calls.length);
  for (const group of groups(calls)) {
    const together =
      group.length > 1
        ? await runJoined(
            group.map((index) => calls[index] as Feeds),
            run,
          )
        : undefined;
    for (const [place, index] of group.entries()) {
      const outputs = together?.[place];
      outcomes[index] = outputs ? { outputs, joined: true } : await runAlone(calls[index] as Feeds, run);
    }
  }
  return outcomes;
}

async function runAlone(feeds: Feeds, run: Run): Promise<Outcome> {
  return run(feeds).then(
    (outputs) => ({ outputs, joined: false }),
    (error: unknown) => ({ error }),
  );
}

/** Undefined when the calls must be run alone. */
async function runJoined(calls: readonly Feeds[], run: Run): Promise<Output[][] | undefined> {
  const rows = calls.map(rowsOf) as number[];
  const total = rows.reduce((sum, count) => sum + count, 0);
  const outputs = await run(join(calls)).catch(() => undefined);
  if (!outputs?.every(({ tensor }) => tensor.dims[0] === total)) return undefined;
  let start = 0;
  return rows.map((count) => {
    const from = start;
    start += count;
    return outputs.map((output) => ({ ...output, tensor: slice(output.tensor, from, start) }));
  });
}

/** Indices of the calls that fit together, in order of arrival. */
function groups(calls: readonly Feeds[]): number[][] {
  const byShape = new Map<string, number[]>();
  for (const [index, feeds] of calls.entries()) {
    // One that has no rows, or not the same number in every input, fits none.
    const key = rowsOf(feeds) === undefined ? String(index) : shapeBelow(feeds);
    const group = byShape.get(key);
    if (group) group.push(index);
    else byShape.set(key, [index]);
  }
  return [...byShape.values()];
}

/** Types are the graph's, the same for every call. */
function shapeBelow(feeds: Feeds): string {
  let key = '';
  for (const name in feeds) key += `${name}[${(feeds[name] as Tensor).dims.slice(1)}]`;
  return key;
}

/** The length of axis 0, when all inputs have the same and there is something in them. */
export function rowsOf(feeds: Feeds): number | undefined {
  let rows: number | undefined;
  for (const name in feeds) {
    const [length = 0] = (feeds[name] as Tensor).dims;
    if (length === 0 || (rows !== undefined && rows !== length)) return undefined;
    rows = length;
  }
  return rows;
}

function join(calls: readonly Feeds[]): Feeds {
  const names = Object.keys(calls[0] as Feeds);
  return Object.fromEntries(names.map((name) => [name, stack(calls.map((feeds) => feeds[name] as Tensor))]));
}

/** Tensors of the same type and shape below axis 0, one below the other. */
export function stack(parts: readonly Tensor[]): Tensor {
  const [{ type, dims }] = parts as readonly [Tensor];
  const joined = [parts.reduce((rows, part) => rows + (part.dims[0] as number), 0), ...dims.slice(1)];
  if (type === 'string') return { type, dims: joined, data: parts.flatMap((part) => part.data as string[]) };
  const data = blank(type, sizeOf(joined)) as Uint8Array;
  let at = 0;
  for (const part of parts) {
    data.set(part.data as Uint8Array, at);
    at += part.data.length;
  }
  return { type, dims: joined, data };
}

/** Rows of a tensor; numbers share its memory. */
export function slice({ type, dims, data }: Tensor, start: number, end: number): Tensor {
  const inner = dims.slice(1);
  const width = sizeOf(inner);
  const part = Array.isArray(data)
    ? data.slice(start * width, end * width)
    : ((data as Uint8Array).subarray(start * width, end * width) as NumericArray);
  return { type, dims: [end - start, ...inner], data: part };
}

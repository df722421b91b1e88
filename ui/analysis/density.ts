/**
 * Thousands of lines between axes as a density: each line puts as much ink into every column of pixels, however steep it is, so
 * that what shows is how many runs go a way and not how their lines overlap. Pure: from places to RGBA bytes.
 */

/** px: where an axis stands from the left, and each run's height on it from the top; NaN breaks the line. */
export interface LineStop {
  x: number;
  heights: Float64Array;
}

export interface DensityInk {
  /** One per run, 0 to 1; NaN for none. */
  shares: Float64Array;
  /** 256 colours of three bytes, by share. */
  palette: Uint8Array;
  /** Of runs without a share, and of all where there are no shares. */
  plain: readonly [number, number, number];
}

/** `inside` says which runs to draw. `strength` is how much one line covers, 0 to 1. */
export function drawDensity(
  image: { width: number; height: number; data: Uint8ClampedArray },
  stops: readonly LineStop[],
  inside: Uint8Array,
  ink: DensityInk,
  strength: number,
): void {
  const { width, height, data } = image;
  // Of each pixel how much ink, and of how high a share: side by side, as they are written together.
  const sums = new Float32Array(width * height * 2);
  for (let at = 0; at + 1 < stops.length; at++) {
    addSegments(sums, width, height, stops[at] as LineStop, stops[at + 1] as LineStop, inside, ink.shares);
  }
  const fade = Math.log(1 - strength);
  for (let pixel = 0, from = 0; from < sums.length; pixel += 4, from += 2) {
    const count = sums[from] as number;
    if (count === 0) continue;
    const share = (sums[from + 1] as number) / count;
    if (share >= 0) {
      const colour = Math.min(255, Math.round(share * 255)) * 3;
      data[pixel] = ink.palette[colour] as number;
      data[pixel + 1] = ink.palette[colour + 1] as number;
      data[pixel + 2] = ink.palette[colour + 2] as number;
    } else {
      data[pixel] = ink.plain[0];
      data[pixel + 1] = ink.plain[1];
      data[pixel + 2] = ink.plain[2];
    }
    data[pixel + 3] = 255 * (1 - Math.exp(fade * count));
  }
}

function addSegments(
  sums: Float32Array,
  width: number,
  height: number,
  from: LineStop,
  to: LineStop,
  inside: Uint8Array,
  shares: Float64Array,
): void {
  const start = Math.max(0, Math.round(from.x));
  const end = Math.min(width, Math.round(to.x));
  const last = height - 1;
  for (let run = 0; run < inside.length; run++) {
    if (inside[run] === 0) continue;
    const a = from.heights[run] as number;
    const b = to.heights[run] as number;
    // Not a number, or beyond the picture, where a value has no place on its axis.
    if (!(a >= 0 && b >= 0 && a <= last && b <= last)) continue;
    // A run without the target pulls the mean below 0 only where no other run passes.
    const share = shares[run] as number;
    const weight = share >= 0 ? share : -1e-3;
    const slope = (b - a) / (end - start);
    let y = a + 0.5;
    for (let x = start; x < end; x++) {
      const here = y | 0;
      y += slope;
      const next = y | 0;
      if (here === next) {
        const at = (here * width + x) * 2;
        sums[at] = (sums[at] as number) + 1;
        sums[at + 1] = (sums[at + 1] as number) + weight;
        continue;
      }
      // A step down or up covers all pixels between, which share the ink.
      const low = here < next ? here : next + 1;
      const high = here < next ? next - 1 : here;
      const part = 1 / (high - low + 1);
      for (let row = low; row <= high; row++) {
        const at = (row * width + x) * 2;
        sums[at] = (sums[at] as number) + part;
        sums[at + 1] = (sums[at + 1] as number) + part * weight;
      }
    }
  }
}

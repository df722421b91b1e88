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
  const { width, height } = image;
  const counts = new Float32Array(width * height);
  const sums = new Float32Array(width * height);
  for (let at = 0; at + 1 < stops.length; at++) {
    addSegments(counts, sums, width, height, stops[at] as LineStop, stops[at + 1] as LineStop, inside, ink.shares);
  }
  const { data } = image;
  for (let pixel = 0; pixel < counts.length; pixel++) {
    const ofPixel = counts[pixel] as number;
    if (ofPixel === 0) continue;
    const share = (sums[pixel] as number) / ofPixel;
    const at = pixel * 4;
    if (share >= 0) {
      const from = Math.min(255, Math.round(share * 255)) * 3;
      data[at] = ink.palette[from] as number;
      data[at + 1] = ink.palette[from + 1] as number;
      data[at + 2] = ink.palette[from + 2] as number;
    } else [data[at], data[at + 1], data[at + 2]] = ink.plain;
    data[at + 3] = 255 * (1 - (1 - strength) ** ofPixel);
  }
}

function addSegments(
  counts: Float32Array,
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
    const slope = ((to.heights[run] as number) - a) / (end - start);
    if (Number.isNaN(slope)) continue;
    // A run without the target pulls the mean below 0 only where no other run passes.
    const share = shares[run] as number;
    const weight = Number.isNaN(share) ? -1e-3 : share;
    let y = a;
    for (let x = start; x < end; x++) {
      const next = y + slope;
      let top = Math.round(y);
      let bottom = Math.round(next);
      if (top > bottom) [top, bottom] = [bottom, top];
      if (bottom > top) bottom--;
      if (top < 0) top = 0;
      if (bottom > last) bottom = last;
      const part = 1 / (bottom - top + 1);
      for (let at = top * width + x, stop = bottom * width + x; at <= stop; at += width) {
        counts[at] = (counts[at] as number) + part;
        sums[at] = (sums[at] as number) + part * weight;
      }
      y = next;
    }
  }
}

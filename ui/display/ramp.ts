/** Viridis, of which a page in light leaves out the palest and one in dark the darkest, so that every colour is seen. */

const VIRIDIS: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [109, 205, 89],
  [180, 222, 44],
  [253, 231, 37],
];

export type Colour = readonly [red: number, green: number, blue: number];

/** At `share` of the ramp, 0 to 1. */
export function rampColour(share: number, isDark: boolean): Colour {
  const [low, high] = isDark ? [0.28, 1] : [0, 0.8];
  const at = (low + Math.max(0, Math.min(1, share)) * (high - low)) * (VIRIDIS.length - 1);
  const below = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const [a, b] = [VIRIDIS[below] as Colour, VIRIDIS[below + 1] as Colour];
  const mix = (channel: 0 | 1 | 2) => Math.round(a[channel] + (b[channel] - a[channel]) * (at - below));
  return [mix(0), mix(1), mix(2)];
}

export const css = ([red, green, blue]: Colour, alpha = 1) => `rgb(${red} ${green} ${blue} / ${alpha})`;

/** Where each value stands between the 2nd and the 98th of a hundred, 0 to 1: one diverged run does not make all others alike. NaN stays. */
export function shares(values: Float64Array): Float64Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const low = sorted[Math.floor((sorted.length - 1) * 0.02)] ?? 0;
  const high = sorted[Math.ceil((sorted.length - 1) * 0.98)] ?? 1;
  const span = high - low || 1;
  return values.map((value) => Math.max(0, Math.min(1, (value - low) / span)));
}

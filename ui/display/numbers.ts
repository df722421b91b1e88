/** Numbers as they are written on the pages. */

/** The protocol writes infinities as the largest doubles. */
const LARGEST = 1.797693134862315e308;

/** Whether a metric value can be drawn. */
export const isDrawable = (value: number) => Number.isFinite(value) && Math.abs(value) < LARGEST;

/** Four significant digits; whole numbers below 10^9 in full. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!isDrawable(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return minus(value.toLocaleString('en', { useGrouping: size >= 1e4 }));
  if (size >= 1e6 || size < 1e-4)
    return minus(
      value
        .toExponential(3)
        .replace(/\.?0+e/, 'e')
        .replace('e+', 'e'),
    );
  return minus(String(Number(value.toPrecision(4))));
}

/** Every digit there is, to hover or to copy. */
export const fullNumber = (value: number) =>
  isDrawable(value) || Number.isNaN(value) ? String(value) : shortNumber(value);

/** For an axis, where room is scarce: 12.5k, 3M. */
export function tickNumber(value: number): string {
  const size = Math.abs(value);
  if (size < 1e3 || size >= 1e15) return shortNumber(value);
  const power = Math.floor(Math.log10(size) / 3);
  return `${minus(String(Number((value / 1000 ** power).toPrecision(4))))}${['', 'k', 'M', 'G', 'T'][power]}`;
}

const minus = (text: string) => text.replace('-', '−');

export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(3))} ${units[unit]}`;
}

export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : plural}`;
}

/** Lists of numbers as one typed array: what a request mostly is. They stand where JSON would have nested lists, or records of numbers. */

/** Nested lists of numbers, all of one shape. */
export class Numbers {
  /** The lengths of the axes; at least one axis, and no empty one. */
  readonly dims: readonly number[];
  /** In row-major order. */
  readonly values: Float64Array;

  constructor(dims: readonly number[], values: Float64Array) {
    this.dims = dims;
    this.values = values;
  }

  /** Of a matrix: some columns, as a matrix. */
  columns(places: readonly number[]): Numbers {
    const [rows = 0, width = 0] = this.dims;
    const values = new Float64Array(rows * places.length);
    let at = 0;
    for (let row = 0; row < rows; row++) {
      for (const place of places) values[at++] = this.values[row * width + place] as number;
    }
    return new Numbers([rows, places.length], values);
  }

  /** Of a matrix: one column, as a list. */
  column(place: number): Numbers {
    return new Numbers(this.dims.slice(0, 1), this.columns([place]).values);
  }
}

/** A list of objects that all have the same keys, in the same order, and a number for each. */
export class Records {
  readonly keys: readonly string[];
  /** A row for each object, a column for each key. */
  readonly cells: Numbers;

  constructor(keys: readonly string[], cells: Numbers) {
    this.keys = keys;
    this.cells = cells;
  }
}

/** The value with nested arrays and objects for all `Numbers` and `Records` in it. */
export function unpacked(value: unknown): unknown {
  if (value instanceof Numbers) return lists(value);
  if (value instanceof Records) {
    const rows = lists(value.cells) as number[][];
    return rows.map((row) => Object.fromEntries(value.keys.map((key, index) => [key, row[index]])));
  }
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unpacked(each)]));
}

function lists({ dims, values }: Numbers): unknown[] {
  let level: unknown[] = Array.from(values);
  for (let axis = dims.length - 1; axis > 0; axis--) {
    const length = dims[axis] as number;
    level = Array.from({ length: level.length / length }, (_, at) => level.slice(at * length, (at + 1) * length));
  }
  return level;
}

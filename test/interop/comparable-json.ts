/** JSON of Python and of ours, read so that it can be compared. */

/** Integers that no double holds are text, and null is what is null in JSON and a bare NaN or Infinity in Python's. */
export function comparable(json: string): unknown {
  return JSON.parse(
    json
      .replaceAll(/(?<=[[,:]\s*)-?\d{16,}(?=\s*[\],}])/g, '"$&"')
      .replaceAll(/(?<=[[,:]\s*)(?:NaN|-?Infinity)(?=[\],}])/g, 'null'),
  );
}

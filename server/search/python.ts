/** How Python prints what MLflow's messages quote: clients and users compare them. */

/** `repr(text)`. */
export function pyRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replace(/\\/g, '\\\\')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
    .replace(quote === "'" ? /'/g : /$^/, "\\'");
  return `${quote}${escaped}${quote}`;
}

const quoted = (items: readonly string[]) => items.map(pyRepr).join(', ');

/** A set of strings; Python's order is arbitrary, ours is the table's. */
export const pySet = (items: readonly string[]): string => `{${quoted(items)}}`;

export const pyList = (items: readonly string[]): string => `[${quoted(items)}]`;

export const pyTuple = (items: readonly string[]): string => `(${quoted(items)}${items.length === 1 ? ',' : ''})`;

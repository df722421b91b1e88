/** SQL as tagged templates: a value can only become a parameter, an identifier only part of the text. */

export type Value = string | number | bigint | null | Uint8Array;

/** A statement or a fragment of one. `strings` has one element more than `values`. */
export class Sql {
  readonly strings: readonly string[];
  readonly values: readonly Value[];

  constructor(strings: readonly string[], values: readonly Value[]) {
    this.strings = strings;
    this.values = values;
  }
}

/** sql`select * from runs where id = ${id} ${lock}`: fragments are spliced in, everything else is bound. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Value | Sql)[]): Sql {
  if (!parts.some((part) => part instanceof Sql)) return new Sql(strings, parts as readonly Value[]);
  const fragments: Sql[] = [raw(strings[0] ?? '')];
  parts.forEach((part, i) => {
    fragments.push(part instanceof Sql ? part : new Sql(['', ''], [part]), raw(strings[i + 1] ?? ''));
  });
  return joined(fragments, '');
}

/** Text that is part of the program, never of a request. */
export const raw = (text: string): Sql => new Sql([text], []);

/** `?, ?, ?` for `in (…)`; at least one value. */
export const listed = (values: readonly Value[]): Sql => joined(values.map((value) => new Sql(['', ''], [value])));

/** `(?, ?), (?, ?)` for `values …`; at least one row. */
export const rows = (records: readonly (readonly Value[])[]): Sql =>
  joined(records.map((record) => sql`(${listed(record)})`));

/** Fragments one after the other; at least one. */
export function joined(fragments: readonly Sql[], separator = ', '): Sql {
  const texts: string[] = [];
  const values: Value[] = [];
  let open = '';
  fragments.forEach((fragment, i) => {
    const [first = '', ...rest] = fragment.strings;
    open += (i > 0 ? separator : '') + first;
    for (const text of rest) {
      texts.push(open);
      open = text;
    }
    values.push(...fragment.values);
  });
  return new Sql([...texts, open], values);
}

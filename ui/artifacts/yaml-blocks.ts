/** The part of YAML that MLflow writes MLmodel files in: blocks of maps and lists, plain and quoted texts over several lines. Values are texts; anything else throws. */

export type Yaml = string | null | Yaml[] | { [key: string]: Yaml };

interface Line {
  indent: number;
  text: string;
}

/** Throws Error for what it does not know. */
export function parseYaml(source: string): Yaml {
  const lines = source
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !/^\s*#/.test(line) && line !== '---')
    .map((line): Line => ({ indent: line.search(/\S/), text: line.trim() }));
  const reader = { lines, at: 0 };
  const value = block(reader, 0);
  if (reader.at < lines.length) throw new Error(`Unexpected: ${lines[reader.at]?.text}`);
  return value;
}

interface Reader {
  lines: Line[];
  at: number;
}

function block(reader: Reader, least: number): Yaml {
  const first = reader.lines[reader.at];
  if (!first || first.indent < least) return null;
  return isEntry(first.text) ? list(reader, first.indent) : map(reader, first.indent);
}

const isEntry = (text: string) => text === '-' || text.startsWith('- ');

function list(reader: Reader, indent: number): Yaml[] {
  const items: Yaml[] = [];
  for (;;) {
    const line = reader.lines[reader.at];
    if (!line || line.indent !== indent || !isEntry(line.text)) return items;
    const rest = line.text.slice(1).trimStart();
    if (rest === '') {
      reader.at++;
      items.push(block(reader, indent + 1));
    } else if (keyOf(rest) || isEntry(rest)) {
      // What stands behind the dash is a block of its own, further in.
      reader.lines[reader.at] = { indent: indent + line.text.length - rest.length, text: rest };
      items.push(block(reader, indent + 1));
    } else items.push(scalar(reader, rest, indent));
  }
}

const KEY = /^("(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^\s'"[\]{}#&*!|>%@`][^#]*?)\s*:(?:\s+(.*))?$/;

function keyOf(text: string): { key: string; rest: string } | undefined {
  if (/^["']/.test(text) && !KEY.test(text)) return undefined;
  const match = KEY.exec(text);
  return match ? { key: unquoted(match[1] ?? ''), rest: match[2] ?? '' } : undefined;
}

function map(reader: Reader, indent: number): Yaml {
  const entries: Record<string, Yaml> = Object.create(null);
  for (;;) {
    const line = reader.lines[reader.at];
    if (!line || line.indent < indent) return entries;
    const found = line.indent === indent ? keyOf(line.text) : undefined;
    if (!found) throw new Error(`Unexpected: ${line.text}`);
    if (found.rest === '') {
      reader.at++;
      const next = reader.lines[reader.at];
      // A list may stand as far to the left as its key.
      entries[found.key] =
        next && next.indent === indent && isEntry(next.text) ? list(reader, indent) : block(reader, indent + 1);
    } else entries[found.key] = scalar(reader, found.rest, indent);
  }
}

/** The value that begins with `start` on the current line and may go on on lines further in. */
function scalar(reader: Reader, start: string, indent: number): Yaml {
  reader.at++;
  if (/^[|>]/.test(start)) return blockText(reader, start, indent);
  if (/^[&*!@`%]/.test(start)) throw new Error(`Unexpected: ${start}`);
  let text = start;
  const isQuoted = /^["']/.test(start);
  for (;;) {
    const next = reader.lines[reader.at];
    if (isQuoted ? isClosed(text) : !next || next.indent <= indent) break;
    if (!next) throw new Error('A text has no end');
    // A backslash at the end of a line of a double-quoted text joins the lines.
    text =
      /(^|[^\\])(\\\\)*\\$/.test(text) && isQuoted
        ? text.slice(0, -1) + next.text.replace(/^\\ /, ' ')
        : `${text} ${next.text}`;
    reader.at++;
  }
  if (isQuoted) return unquoted(text);
  if (text === '{}') return Object.create(null) as Record<string, Yaml>;
  if (text === '[]') return [];
  return text === 'null' || text === '~' ? null : text;
}

function blockText(reader: Reader, start: string, indent: number): string {
  const lines: string[] = [];
  for (let next = reader.lines[reader.at]; next && next.indent > indent; next = reader.lines[reader.at]) {
    lines.push(next.text);
    reader.at++;
  }
  return lines.join(start.startsWith('|') ? '\n' : ' ');
}

const isClosed = (text: string) =>
  text.startsWith("'") ? /^'(''|[^'])*'$/.test(text) : /^"(\\.|[^"\\])*"$/s.test(text);

function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  if (!text.startsWith('"')) return text;
  // YAML's escapes are JSON's, and a few that JSON does not have.
  const json = text.replace(/\\(x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[0 ae_v])/g, (_, code: string) =>
    /^[xU]/.test(code) ? JSON.stringify(String.fromCodePoint(Number.parseInt(code.slice(1), 16))).slice(1, -1) : ' ',
  );
  return JSON.parse(json) as string;
}

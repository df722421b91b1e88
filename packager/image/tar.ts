/**
 * Files to a tar archive that is the same whoever writes it, wherever and whenever: entries sorted, one time, owner 0, no
 * names of owners, two modes. The format is POSIX's ustar, with a PAX header only where a name or a size needs one
 * (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html).
 */

/** A file's bytes, which are read when the archive is. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
}

interface At {
  /** From the archive's root, without a leading or trailing slash. */
  readonly path: string;
}

export type Entry =
  | (At & { readonly kind: 'file'; readonly content: Uint8Array | Content; readonly executable?: boolean })
  | (At & {
      readonly kind: 'directory';
      /** Everyone may write, and remove what is their own. */
      readonly sticky?: boolean;
    })
  | (At & { readonly kind: 'link'; readonly target: string });

const BLOCK = 512;
/** The largest size that 11 octal digits hold. */
const LARGEST = 8 ** 11 - 1;
const TYPE = { file: '0', link: '2', directory: '5' } as const;

/**
 * The archive's bytes. Folders that the paths need and no entry names are added. Throws an Error that names the path when two
 * entries have the same one, or a file has another size than was said.
 */
export async function* tar(entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
  for (const entry of sorted(entries)) {
    yield header(entry);
    if (entry.kind === 'file') yield* padded(entry.path, contentOf(entry.content));
  }
  yield new Uint8Array(2 * BLOCK);
}

function sorted(entries: readonly Entry[]): Entry[] {
  const all = new Map<string, Entry>();
  for (const entry of entries) {
    if (all.has(entry.path)) throw new Error(`Two entries of an archive are named ${entry.path}`);
    all.set(entry.path, entry);
  }
  for (const { path } of entries) {
    const names = path.split('/');
    for (let depth = 1; depth < names.length; depth++) {
      const folder = names.slice(0, depth).join('/');
      if (!all.has(folder)) all.set(folder, { kind: 'directory', path: folder });
    }
  }
  // By bytes: no locale has a say.
  return [...all.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

function contentOf(content: Uint8Array | Content): Content {
  if (!(content instanceof Uint8Array)) return content;
  return {
    size: content.length,
    async *read() {
      yield content;
    },
  };
}

async function* padded(path: string, content: Content): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of content.read()) {
    size += chunk.length;
    yield chunk;
  }
  if (size !== content.size) throw new Error(`${path} has ${size} bytes, not ${content.size}: it changed meanwhile`);
  yield new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

interface Fields {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
  readonly target?: string;
}

/** An entry's header, after its PAX header if it needs one. */
function header(entry: Entry): Uint8Array {
  const name = entry.kind === 'directory' ? `${entry.path}/` : entry.path;
  const size =
    entry.kind === 'file' ? (entry.content instanceof Uint8Array ? entry.content.length : entry.content.size) : 0;
  const target = entry.kind === 'link' ? entry.target : '';
  const records = [
    ...(fits(name) ? [] : [record('path', name)]),
    ...(isPlain(target, 100) ? [] : [record('linkpath', target)]),
    ...(size > LARGEST ? [record('size', String(size))] : []),
  ];
  const own = ustar({
    name: fits(name) ? name : shortened(name, 100),
    mode: modeOf(entry),
    size: size > LARGEST ? 0 : size,
    type: TYPE[entry.kind],
    target: isPlain(target, 100) ? target : shortened(target, 100),
  });
  if (records.length === 0) return own;
  const pax = Buffer.concat(records);
  const fill = new Uint8Array((BLOCK - (pax.length % BLOCK)) % BLOCK);
  return Buffer.concat([ustar({ name: 'PaxHeader', mode: 0o644, size: pax.length, type: 'x' }), pax, fill, own]);
}

function modeOf(entry: Entry): number {
  if (entry.kind === 'link') return 0o777;
  if (entry.kind === 'directory') return entry.sticky ? 0o1777 : 0o755;
  return entry.executable ? 0o755 : 0o644;
}

const isPlain = (text: string, length: number) => text.length <= length && /^[\x20-\x7e]*$/.test(text);

/** Readers without PAX see this one. */
const shortened = (text: string, length: number) => text.replace(/[^\x20-\x7e]/g, '_').slice(0, length);

const fits = (name: string) => isPlain(name, 256) && split(name) !== undefined;

/** A path as ustar's two fields, cut at a slash. */
function split(name: string): { prefix: string; name: string } | undefined {
  if (name.length <= 100) return { prefix: '', name };
  const at = name.indexOf('/', name.length - 101);
  if (at <= 0 || at > 155 || at === name.length - 1) return undefined;
  return { prefix: name.slice(0, at), name: name.slice(at + 1) };
}

/** `LENGTH KEY=VALUE\n`, whose length counts its own digits. */
function record(key: string, value: string): Uint8Array {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length++;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function ustar({ name, mode, size, type, target = '' }: Fields): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  const parts = split(name) ?? { prefix: '', name };
  block.write(parts.name, 0, 'latin1');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write(target, 157, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(parts.prefix, 345, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

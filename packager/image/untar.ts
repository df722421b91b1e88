/** Reads a tar archive that is in memory: ustar, PAX headers, and GNU's long names. */

export interface ArchivedEntry {
  /** Without a leading `./`. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  readonly executable: boolean;
  /** Of a link. */
  readonly target: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
const KINDS: Partial<Record<string, ArchivedEntry['kind']>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};

/** What headers before an entry say of it. */
interface Ahead {
  path?: string | undefined;
  target?: string | undefined;
  size?: number | undefined;
}

/** Throws an Error when the archive ends within an entry. */
export function* untar(archive: Uint8Array): Generator<ArchivedEntry> {
  const buffer = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
  const text = (from: number, length: number) => {
    const field = buffer.subarray(from, from + length);
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end < 0 ? length : end);
  };
  let ahead: Ahead = {};
  for (let at = 0; at + BLOCK <= buffer.length && buffer[at] !== 0; ) {
    const type = String.fromCharCode(buffer[at + 156] as number);
    const size = ahead.size ?? Number.parseInt(text(at + 124, 12).trim() || '0', 8);
    const start = at + BLOCK;
    if (!(start + size <= buffer.length)) throw new Error('The archive ends in the middle of a file');
    const bytes = buffer.subarray(start, start + size);
    const prefix = text(at + 257, 5) === 'ustar' && buffer[at + 262] === 0 ? text(at + 345, 155) : '';
    const name = text(at, 100);
    const executable = (Number.parseInt(text(at + 100, 8), 8) & 0o100) !== 0;
    const target = ahead.target ?? text(at + 157, 100);
    const path = ahead.path ?? (prefix === '' ? name : `${prefix}/${name}`);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x') ahead = paxRecords(bytes);
    else if (type === 'L') ahead.path = bytes.toString('utf8', 0, size - 1);
    else if (type === 'K') ahead.target = bytes.toString('utf8', 0, size - 1);
    else {
      yield { path: plain(path), kind: KINDS[type] ?? 'other', executable, target, bytes };
      ahead = {};
    }
  }
}

const plain = (path: string) => path.replace(/^\.\/+/, '').replace(/\/+$/, '');

/** `LENGTH KEY=VALUE\n`, one after the other. */
function paxRecords(bytes: Buffer): Ahead {
  const found: Partial<Record<string, string>> = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, space));
    if (!(length > 0)) break;
    const [, key = '', value = ''] = /^([^=]*)=(.*)\n$/s.exec(bytes.toString('utf8', space + 1, at + length)) ?? [];
    found[key] = value;
    at += length;
  }
  return { path: found.path, target: found.linkpath, ...(found.size !== undefined && { size: Number(found.size) }) };
}

/**
 * dist/base/: the built-in base of images, for each platform. Assembled from the Debian packages that debian-layer-lock.json
 * pins, out of `MLTRACK_DEBIAN_MIRROR`, else the mirror that apt has here; nothing of this machine gets inside. `--update`
 * writes the lock anew from the mirror's index.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import xz from 'xz-decompress';
import { root, say } from './prepare.mjs';

const SCRIPT = fileURLToPath(import.meta.url);
const LOCK = join(root, 'scripts/debian-layer-lock.json');
const CACHE = join(root, '.cache/debian');
const SUITE = 'bookworm';
const ARCHITECTURES = ['amd64', 'arm64'];
const PACKAGES = [
  'base-files',
  'ca-certificates',
  'gcc-12-base',
  'libc-bin',
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'locales-all',
];

/** What is taken of them: libraries, locales, licences. No program, and no script of a package runs. */
const WANTED = [
  /^lib(64)?\/(.*\/)?(ld-linux-[^/]*|lib(c|m|dl|rt|pthread|resolv|nss_dns|nss_files|gcc_s|util|anl)\.so\.\d+)$/,
  /^usr\/lib\/[^/]+\/libstdc\+\+\.so\.6[.\d]*$/,
  /^usr\/lib\/locale\/(C|en_US)\.utf8\//,
  /^usr\/lib\/os-release$/,
  /^usr\/share\/doc\/[^/]+\/copyright$/,
  /^usr\/share\/doc\/(libgcc-s1|libstdc\+\+6|libgcc1)$/,
  /^usr\/share\/common-licenses\//,
];

const TEXTS = {
  'etc/passwd': 'root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

function mirror() {
  if (process.env.MLTRACK_DEBIAN_MIRROR) return process.env.MLTRACK_DEBIAN_MIRROR.replace(/\/+$/, '');
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  for (const file of files.filter(existsSync)) {
    const found = /^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(https?:\/\/\S+?)\/*(?:\s|$)/m.exec(readFileSync(file, 'utf8'));
    if (found) return found[1];
  }
  throw new Error('No Debian mirror: name one in MLTRACK_DEBIAN_MIRROR');
}

async function get(path) {
  const answer = await fetch(`${mirror()}/${path}`);
  if (!answer.ok)
    throw new Error(
      `The Debian mirror answers ${answer.status} for ${path}; is scripts/debian-layer-lock.json out of date? --update writes it anew`,
    );
  return Buffer.from(await answer.arrayBuffer());
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A pinned package's bytes, kept in .cache. */
async function fetchPackage({ path, sha256: pinned }) {
  const file = join(CACHE, pinned);
  if (existsSync(file)) return readFileSync(file);
  const bytes = await get(path);
  if (sha256(bytes) !== pinned) throw new Error(`The Debian mirror's ${path} is not the one that was pinned`);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(file, bytes);
  return bytes;
}

/** The data archive of a .deb, which is an `ar` file (https://manpages.debian.org/deb.5). */
async function dataOf(deb) {
  for (let at = 8; at < deb.length; ) {
    const name = deb
      .toString('latin1', at, at + 16)
      .trim()
      .replace(/\/$/, '');
    const size = Number(deb.toString('latin1', at + 48, at + 58));
    if (name === 'data.tar.xz') return unxz(deb.subarray(at + 60, at + 60 + size));
    at += 60 + size + (size % 2);
  }
  throw new Error('A Debian package has no data.tar.xz');
}

async function unxz(bytes) {
  const chunks = [];
  for await (const chunk of new xz.XzReadableStream(Readable.toWeb(Readable.from([bytes])))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Every file of the packages by its path, links resolved to what they lead to where that is left behind. */
function chosen(archives) {
  const all = new Map(archives.flat().map((entry) => [entry.path, entry]));
  const resolved = (entry) => {
    for (let each = entry; each; each = all.get(targetOf(each))) if (each.kind === 'file') return each;
    throw new Error(`${entry.path} leads nowhere`);
  };
  const wanted = [...all.values()].filter(
    ({ path, kind }) => kind !== 'directory' && WANTED.some((each) => each.test(path)),
  );
  return wanted.map((entry) => {
    const { path, kind, target } = entry;
    const kept =
      kind === 'symlink' &&
      (wanted.includes(all.get(targetOf(entry))) || all.get(targetOf(entry))?.kind === 'directory');
    if (kept) return { kind: 'link', path, target };
    return { kind: 'file', path, content: resolved(entry).bytes, executable: resolved(entry).executable };
  });
}

/** The path that a link leads to: a hard link's is from the root. */
function targetOf({ path, kind, target }) {
  if (kind === 'hardlink') return target.replace(/^\.?\/+/, '');
  return target.startsWith('/') ? target.slice(1) : join(path, '..', target);
}

/** All authorities in one file, as update-ca-certificates makes it. */
function certificates(archives) {
  const files = archives
    .flat()
    .filter(({ path, kind }) => kind === 'file' && /^usr\/share\/ca-certificates\/.*\.crt$/.test(path));
  if (files.length < 100) throw new Error(`ca-certificates has only ${files.length} certificates`);
  return Buffer.concat(files.sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ bytes }) => bytes));
}

async function assemble(architecture, pinned) {
  const { runnerImport } = await import('vite');
  const load = async (name) => (await runnerImport(join(root, `packager/image/${name}.ts`))).module;
  const [{ tar }, { untar }] = [await load('tar'), await load('untar')];
  const archives = await Promise.all(pinned.map(async (each) => [...untar(await dataOf(await fetchPackage(each)))]));
  const entries = [
    ...chosen(archives),
    ...Object.entries(TEXTS).map(([path, text]) => ({ kind: 'file', path, content: Buffer.from(text) })),
    ...pinned.map(({ name, status }) => ({
      kind: 'file',
      path: `var/lib/dpkg/status.d/${name}`,
      content: Buffer.from(status),
    })),
    { kind: 'file', path: 'etc/ssl/certs/ca-certificates.crt', content: certificates(archives) },
    { kind: 'link', path: 'etc/os-release', target: '../usr/lib/os-release' },
    { kind: 'directory', path: 'tmp', sticky: true },
  ];
  const chunks = [];
  for await (const chunk of tar(entries)) chunks.push(chunk);
  const archive = Buffer.concat(chunks);
  const place = join(root, 'dist/base', `linux-${architecture}`);
  mkdirSync(join(root, 'dist/base'), { recursive: true });
  // How it is compressed here does not matter: an image's layer is compressed anew.
  writeFileSync(`${place}.tar.gz`, gzipSync(archive, { level: 9 }));
  const packages = pinned.map(({ name, version }) => ({ name, version }));
  writeFileSync(`${place}.json`, JSON.stringify({ sha256: sha256(archive), packages, madeFrom: source() }));
}

/** The fields of an index's paragraph that scanners read of an installed package. */
const STATUS = ['Package', 'Source', 'Version', 'Architecture', 'Maintainer', 'Description'];

async function update() {
  const lock = {};
  for (const architecture of ARCHITECTURES) {
    const index = (await unxz(await get(`dists/${SUITE}/main/binary-${architecture}/Packages.xz`))).toString();
    const paragraphs = new Map(index.split('\n\n').map((text) => [/^Package: (.*)$/m.exec(text)?.[1], text]));
    lock[architecture] = PACKAGES.map((name) => {
      const text = paragraphs.get(name) ?? '';
      const field = (key) => new RegExp(`^${key}: (.*)$`, 'm').exec(text)?.[1];
      const lines = STATUS.flatMap((key) => (field(key) === undefined ? [] : [`${key}: ${field(key)}`]));
      const status = `${['Status: install ok installed', ...lines].join('\n')}\n`;
      return { name, version: field('Version'), path: field('Filename'), sha256: field('SHA256'), status };
    });
  }
  writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
}

/** What a base that lies in dist was made from: when that changes, it is made anew. */
const source = () => sha256(Buffer.concat([LOCK, SCRIPT].map((file) => readFileSync(file))));

function isUpToDate(architecture) {
  const note = join(root, `dist/base/linux-${architecture}.json`);
  return existsSync(note) && JSON.parse(readFileSync(note, 'utf8')).madeFrom === source();
}

async function makeBases() {
  const lock = JSON.parse(readFileSync(LOCK, 'utf8'));
  for (const architecture of ARCHITECTURES.filter((each) => !isUpToDate(each))) {
    say(`assembling the base of images for ${architecture}`);
    await assemble(architecture, lock[architecture]);
  }
}

if (process.argv.includes('--update')) await update();
await makeBases();

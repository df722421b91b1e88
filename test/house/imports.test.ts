/** Reads every import line and holds the table of rooms: who may import whom. */
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceFiles, textOf } from './source-files.js';

interface Import {
  from: string;
  /** A file's path without its ending, or a package's name. */
  to: string;
  typeOnly: boolean;
}

const ROOMS = ['api', 'server', 'client', 'packager', 'ui', 'cli'];
const STATEMENT = /^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]/gm;
const CALL = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Every import, re-export and dynamic import with a literal name. */
function importsOf(file: string, text: string): Import[] {
  const resolve = (name: string) => {
    if (!name.startsWith('.')) return name;
    return posix.join(posix.dirname(file), name).replace(/\.(js|ts|tsx|mjs)$/, '');
  };
  return [
    ...[...text.matchAll(STATEMENT)].map((found) => ({
      from: file,
      to: resolve(found[2] ?? ''),
      typeOnly: found[1] !== undefined,
    })),
    ...[...text.matchAll(CALL)].map((found) => ({ from: file, to: resolve(found[1] ?? ''), typeOnly: false })),
  ];
}

const imports = sourceFiles(/^(api|server|client|packager|ui|cli)\/.*\.tsx?$/).flatMap((file) => {
  const text = textOf(file);
  return text === undefined ? [] : importsOf(file, text);
});

const roomOf = (path: string) => path.split('/')[0] ?? '';
const isFile = (path: string) => ROOMS.includes(roomOf(path)) && path.includes('/');
const isNode = (name: string) => name.startsWith('node:');
const say = ({ from, to }: Import) => `${from} imports ${to}`;
const offenders = (is: (each: Import) => boolean) => imports.filter(is).map(say);

/** A place inside the server: a folder, or a file beside the folders. */
function placeOf(path: string): string {
  const [, place = ''] = path.split('/');
  return place.replace(/\.ts$/, '');
}
const inServer = (from: string, ...to: string[]) =>
  offenders(
    (each) =>
      roomOf(each.from) === 'server' &&
      roomOf(each.to) === 'server' &&
      placeOf(each.from) === from &&
      to.includes(placeOf(each.to)),
  );

describe('the rooms', () => {
  it('are all read', () => {
    expect([...new Set(imports.map(({ from }) => roomOf(from)))].sort()).toEqual([...ROOMS].sort());
    expect(imports.length).toBeGreaterThan(200);
  });

  it.each([
    ['api', []],
    ['client', ['api']],
    ['server', ['api']],
    ['packager', ['api', 'client']],
    ['ui', ['api', 'client']],
    ['cli', ['api', 'client', 'server', 'packager']],
  ])('%s imports no room but %j', (room, allowed) => {
    const others = (each: Import) =>
      roomOf(each.from) === room && isFile(each.to) && roomOf(each.to) !== room && !allowed.includes(roomOf(each.to));
    expect(offenders(others)).toEqual([]);
  });

  it('import no file outside the rooms', () => {
    expect(offenders(({ to }) => /^(test|bench|examples|scripts|dist|\.\.)(\/|$)/.test(to))).toEqual([]);
  });

  it('never import an own package by name', () => {
    expect(offenders(({ to }) => /^(mltrack|@mltrack\/.*)$/.test(to))).toEqual([]);
  });
});

describe('packages', () => {
  it('are none in api, and nothing of Node', () => {
    expect(offenders(({ from, to }) => roomOf(from) === 'api' && !isFile(to) && to !== 'zod')).toEqual([]);
  });

  it('of Node are in client/node only, so that the client runs in a browser', () => {
    const outside = (path: string) => roomOf(path) === 'client' && !path.startsWith('client/node/');
    expect(offenders(({ from, to }) => outside(from) && (isNode(to) || to.startsWith('client/node/')))).toEqual([]);
  });

  it('of Node are nowhere in the ui but in its build', () => {
    const bundled = (path: string) => roomOf(path) === 'ui' && path !== 'ui/vite.config.ts';
    expect(offenders(({ from, to }) => bundled(from) && (isNode(to) || to.startsWith('client/node')))).toEqual([]);
  });

  it.each(['better-sqlite3', 'pg', 'onnxruntime-node'])('%s is imported by exactly one file', (name) => {
    const importers = new Set(imports.filter(({ to, typeOnly }) => to === name && !typeOnly).map(({ from }) => from));
    expect([...importers]).toHaveLength(1);
  });

  it('named without node: are none of Node’s own', () => {
    const own = /^(fs|path|os|http|https|net|url|util|crypto|stream|child_process|worker_threads|zlib)(\/|$)/;
    expect(offenders(({ to }) => own.test(to))).toEqual([]);
  });
});

describe('inside the server', () => {
  it('only index imports app', () => {
    expect(offenders(({ from, to }) => to === 'server/app' && from !== 'server/index.ts')).toEqual([]);
  });

  it('mount imports neither app, dispatch, store nor db', () => {
    expect(inServer('mount', 'app', 'dispatch', 'store', 'db')).toEqual([]);
  });

  it('threads import neither app nor mount', () => {
    expect(inServer('threads', 'app', 'mount')).toEqual([]);
  });

  it('dispatch imports neither app, mount nor threads', () => {
    expect(inServer('dispatch', 'app', 'mount', 'threads')).toEqual([]);
  });

  it('store imports neither app, mount, dispatch nor threads', () => {
    expect(inServer('store', 'app', 'mount', 'dispatch', 'threads')).toEqual([]);
  });

  it('search knows of the rest only how SQL is written', () => {
    const knows = (to: string) => to === 'server/db/sql' || placeOf(to) === 'search' || roomOf(to) === 'api';
    expect(offenders(({ from, to }) => from.startsWith('server/search/') && isFile(to) && !knows(to))).toEqual([]);
  });

  it('db imports nothing else of the server', () => {
    expect(
      offenders(({ from, to }) => from.startsWith('server/db/') && roomOf(to) === 'server' && placeOf(to) !== 'db'),
    ).toEqual([]);
  });
});

/** Rules that a look at the tree can tell: sizes, names, openings, and that no endpoint goes without a test. */
import { describe, expect, it } from 'vitest';
import { api } from '../../api/index.js';
import { sourceFiles, textOf } from './source-files.js';

const code = sourceFiles(/\.(ts|tsx|mjs)$/);
const read = (files: string[]) => files.flatMap((file) => [{ file, text: textOf(file) }]).filter(isThere);
const isThere = (each: { file: string; text: string | undefined }): each is { file: string; text: string } =>
  each.text !== undefined;

describe('files', () => {
  it('have 400 lines at most, tests 500', () => {
    const long = read(code)
      .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
      .filter(({ file, lines }) => lines > (file.startsWith('test/') ? 500 : 400));
    expect(long).toEqual([]);
  });

  it('have names that say something', () => {
    const banned =
      /(^|[/-])(utils?|helpers?|common|misc|manager|service|controller|dto|base|impl|legacy|\w*V2)([./-]|$)/i;
    expect(sourceFiles(/./).filter((file) => banned.test(file))).toEqual([]);
  });

  it('are named in kebab-case, React components in PascalCase', () => {
    const kebab = /^[a-z0-9.]+(-[a-z0-9.]+)*$/;
    const component = /^ui\/(.*\/)?[A-Z][A-Za-z0-9]*\.tsx$/;
    const odd = code.filter((file) => !kebab.test(file.split('/').at(-1) ?? '') && !component.test(file));
    expect(odd).toEqual([]);
  });

  it('are 20 in a folder at most', () => {
    const folders = new Map<string, number>();
    for (const file of code) {
      const folder = file.split('/').slice(0, -1).join('/');
      folders.set(folder, (folders.get(folder) ?? 0) + 1);
    }
    expect([...folders].filter(([, files]) => files > 20)).toEqual([]);
  });

  it('open with a comment that says what they are', () => {
    const silent = read(code).filter(({ text }) => !/^(#!.*\n)?(\/\*\*|\/\/)/.test(text) && text.trim() !== '');
    expect(silent.map(({ file }) => file)).toEqual([]);
  });

  it('turn the type checker off nowhere', () => {
    const silenced = /@ts-(ignore|nocheck)/;
    const places = read(sourceFiles(/\.tsx?$/));
    expect(places.filter(({ text }) => silenced.test(text)).map(({ file }) => file)).toEqual([]);
  });
});

describe('the repository', () => {
  it('holds no download address of a package', () => {
    expect(textOf('package-lock.json')).not.toMatch(/"resolved": "http/);
  });

  it('has at most 12 npm scripts', () => {
    const { scripts } = JSON.parse(textOf('package.json') ?? '{}') as { scripts: Record<string, string> };
    expect(Object.keys(scripts).length).toBeLessThanOrEqual(12);
  });

  it('focuses or skips no test', () => {
    const left = read(sourceFiles(/^test\/.*\.ts$/)).filter(({ text }) =>
      /\b(it|test|describe)\.(only|todo|skip)\(/.test(text),
    );
    expect(left.map(({ file }) => file)).toEqual([]);
  });
});

describe('every endpoint', () => {
  const tests = read(sourceFiles(/^test\/.*\.ts$/))
    .map(({ text }) => text)
    .join('\n');

  it.each(Object.keys(api))('%s is called by a test', (name) => {
    expect(new RegExp(`\\.${name}\\(`).test(tests)).toBe(true);
  });
});

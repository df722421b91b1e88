/** What the written pages point at is there: files, npm scripts, versions. docs/rest.md, docs/search.md and docs/cli.md are held by `npm run golden`; the SDK's names here, too. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { root, sourceFiles, textOf } from './source-files.js';

const pages = sourceFiles(/\.md$/).flatMap((file) => {
  const text = textOf(file);
  return text === undefined ? [] : [{ file, text }];
});

/** The places in all pages that a pattern's first group finds. */
const found = (pattern: RegExp) =>
  pages.flatMap(({ file, text }) => [...text.matchAll(pattern)].map((match) => ({ file, what: match[1] ?? '' })));

test('every relative link leads to a file', () => {
  const links = found(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g);
  expect(links.length).toBeGreaterThan(5);
  const dead = links.filter(({ file, what }) => !existsSync(join(root, posix.dirname(file), what)));
  expect(dead).toEqual([]);
});

test('every link within a page leads to a heading', () => {
  const dead = pages.flatMap(({ file, text }) => {
    const headings = new Set([...text.matchAll(/^#+ (.+)$/gm)].map((match) => anchor(match[1] ?? '')));
    return [...text.matchAll(/\]\(#([^)]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((name) => !headings.has(name))
      .map((name) => `${file}#${name}`);
  });
  expect(dead).toEqual([]);
});

/** GitHub's way from a heading to its anchor. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

test('every npm script that a page names exists', () => {
  const { scripts } = JSON.parse(textOf('package.json') ?? '{}') as { scripts: Record<string, string> };
  const named = found(/\bnpm run ([a-z][\w:-]*)/g);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ what }) => !(what in scripts))).toEqual([]);
});

test('both packages and the changelog have one version', () => {
  const versionOf = (file: string) => (JSON.parse(textOf(file) ?? '{}') as { version: string }).version;
  const version = versionOf('package.json');
  expect(versionOf('client/package.json')).toBe(version);
  expect(/^## (\S+)/m.exec(textOf('CHANGELOG.md') ?? '')?.[1]).toBe(version);
});

test('the SDK’s names are as the types have them: npm run golden', async () => {
  const { sdkPage } = (await import(join(root, 'scripts/golden/sdk-page.mjs'))) as { sdkPage(): string };
  expect(textOf('docs/sdk-reference.md')).toBe(sdkPage());
});

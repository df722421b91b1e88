/** What a browser has to load: few bytes, charts apart, and no schema library. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../dist/ui/assets/', import.meta.url));
/** What a page of runs loads, its charts among it. Other pages, viewers of files and what they parse with come when they are first looked at. */
const LIMIT = 200_000;
const LATER =
  /^(?!(Experiment|Runs)Page|(Table|Charts|Analysis)View)(\w+View|\w+Page|DataTable|Hex|TextStart|markdown-fragment|SignatureTable)-/;
const FIRST_LIMIT = 140_000;

let scripts: { name: string; text: string; size: number }[];

beforeAll(async () => {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.js'));
  scripts = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(FOLDER + name);
      return { name, text: bytes.toString(), size: gzipSync(bytes, { level: 9 }).length };
    }),
  );
});

describe('the scripts of the UI', () => {
  it('are 200 kB at most without the viewers of files, compressed, and the part that every page loads 140 kB', () => {
    const needed = scripts.filter(({ name }) => !LATER.test(name));
    expect(needed.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(LIMIT);
    expect(scripts.find(({ name }) => name.startsWith('index-'))?.size).toBeLessThan(FIRST_LIMIT);
  });

  it('leave the drawing of curves to a file of its own', () => {
    const drawing = scripts.filter(({ text }) => text.includes('u-cursor-x'));
    expect(drawing.map(({ name }) => name.replace(/-.*/, ''))).toEqual(['Plot']);
  });

  it('hold no schema library', () => {
    expect(scripts.filter(({ text }) => /ZodError|\$ZodType/.test(text)).map(({ name }) => name)).toEqual([]);
  });
});

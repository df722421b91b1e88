/** What a browser has to load: few bytes, charts apart, and no schema library. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../dist/ui/assets/', import.meta.url));
/** What a page of runs loads, its charts among it. Viewers of files and what they parse with, and pages of no runs, come when they are asked for. */
const LIMIT = 200_000;
const LATER = /^(\w+View|SettingsPage|LoginPage|DataTable|Hex|TextStart|markdown-fragment)-/;
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
    const needed = scripts.filter(({ name }) => !LATER.test(name) || /^(Charts|Analysis)View-/.test(name));
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

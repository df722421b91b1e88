/** `npm run golden`: writes docs/rest.md, docs/search.md, docs/cli.md and docs/sdk-reference.md from the code; with `--check` says which of them are out of date instead. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPage } from './golden/cli-page.mjs';
import { restPage } from './golden/rest-page.mjs';
import { sdkPage } from './golden/sdk-page.mjs';
import { searchPage } from './golden/search-page.mjs';
import { buildIfStale, root } from './prepare.mjs';

const PAGES = {
  'docs/rest.md': restPage,
  'docs/search.md': searchPage,
  'docs/cli.md': cliPage,
  'docs/sdk-reference.md': sdkPage,
};
const check = process.argv.includes('--check');
buildIfStale();

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

for (const [name, page] of Object.entries(PAGES)) {
  const file = join(root, name);
  const text = await page();
  if (read(file) === text) continue;
  if (check) {
    console.log(`${name} is out of date: npm run golden`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`wrote ${name}`);
  }
}

/** `npm run bench`: measures mltrack beside its peers. Arguments: tracking (default), queries, artifacts, ui, serving, image or sdk, --only CASE,… --peers PEER,… --quick --json FILE. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { artifacts } from './artifacts/suite.js';
import { image } from './image/suite.js';
import type { Options } from './options.js';
import { queries } from './queries/suite.js';
import { sdk } from './sdk/suite.js';
import { serving } from './serving/suite.js';
import { tracking } from './tracking.js';
import { ui } from './ui/suite.js';

const suites: Partial<Record<string, (options: Options) => Promise<unknown>>> = {
  tracking,
  queries,
  artifacts,
  ui,
  serving,
  image,
  sdk,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const [name = 'tracking', ...rest] = positionals;
const suite = suites[name];
if (!suite || rest.length > 0) {
  console.error(`${positionals.join(' ')}? There are ${Object.keys(suites).join(', ')}.`);
  process.exit(1);
}
if (process.platform !== 'linux') {
  console.error('The bench reads CPU time and memory from /proc: it runs on Linux only.');
  process.exit(1);
}
const { only, peers, quick, json } = values;
const results = await suite({ only, peers, quick });
if (json) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
process.exit();

/** docs/sdk-reference.md: what `mltrack` exports, from the declaration files of the build and the comments in them. */
import { join } from 'node:path';
import { root } from '../prepare.mjs';
import { bodyOf, exportsOf, find, plain, statements } from './types.mjs';

const ENTRY = join(root, 'dist/types/client/node/index.d.ts');

const INTRO = `# The SDK, name by name

Written by \`npm run golden\` from the types. How it is used is in [sdk.md](sdk.md); the endpoints, which a connection has as methods, are in [rest.md](rest.md).
Names with * are of Node only; all others are in \`@mltrack/client/browser\` too.
`;

/** What comes together, in this order; everything else is a type. */
const GROUPS = {
  'Runs of the program': [
    'setTrackingUri',
    'setExperiment',
    'startRun',
    'withRun',
    'activeRun',
    'log',
    'logMetric',
    'logMetrics',
    'logParam',
    'logParams',
    'setTag',
    'setTags',
    'logBytes',
    'logText',
    'logDict',
    'logTable',
    'logImage',
    'logInput',
    'logModel',
    'logArtifact',
    'logArtifacts',
    'track',
    'flush',
    'endRun',
  ],
  'A run': ['Run', 'RunOptions'],
  'A server': [
    'connect',
    'Connection',
    'ConnectOptions',
    'ArtifactStore',
    'MltrackError',
    'eventsUrl',
    'experimentIdOf',
  ],
  'Searches and the registry': [
    'searchRuns',
    'searchExperiments',
    'searchLoggedModels',
    'searchRegisteredModels',
    'searchModelVersions',
    'registerModel',
    'inferSignature',
  ],
  Files: ['uploadFile', 'uploadFolder', 'downloadArtifacts', 'syncSpool'],
};

/** Of a run: what the parts of the client say to each other. */
const INTERNAL = new Set([
  'settle',
  'outcome',
  'isSettled',
  'waitFor',
  'made',
  'beforeEnd',
  'markEnded',
  'flushTimeout',
]);

const nameOf = ({ code }) => /^(?:readonly\s+|get\s+|static\s+)*(\w+)/.exec(code)?.[1];

/** Members of a class or an interface that a program may use, with those of what it extends. */
function members(entry) {
  const header = entry.code.slice(0, entry.code.indexOf('{'));
  const above = /\bextends\s+([\w, ]+)/.exec(header)?.[1].split(',') ?? [];
  const own = statements(bodyOf(entry.code)).filter(
    (each) => !/^(#|private|protected|constructor)/.test(each.code) && !INTERNAL.has(nameOf(each)),
  );
  const inherited = above.flatMap((name) => {
    const found = find(entry.file, name.trim());
    return found ? members(found) : [];
  });
  const doc = (each) => each.doc || (inherited.find((other) => nameOf(other) === nameOf(each))?.doc ?? '');
  const kept = inherited.filter((each) => !own.some((other) => nameOf(other) === nameOf(each)));
  return [...kept, ...own.map((each) => ({ ...each, doc: doc(each) }))];
}

/** What a program sees: one block with the members of all that the declaration extends. Endpoints are another page's. */
function declaration(entry) {
  const [, kind, extended] =
    /^(?:export )?(?:declare )?(class|interface)[^{]*?(\bextends\b[^{]*)?\{/.exec(entry.code) ?? [];
  if (!extended || /ApiCalls|Error/.test(extended)) return plain(entry.code);
  const lines = members(entry).flatMap(({ doc, code }) => [...comment(doc), `  ${plain(code)}`]);
  return [`${kind} ${entry.name} {`, ...lines, '}'].join('\n');
}

const WIDTH = 116;

function comment(doc) {
  if (doc === '') return [];
  const lines = [''];
  for (const word of doc.split(' ')) {
    const last = lines.at(-1);
    if (last.length + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.length === 1 ? [`  /** ${doc} */`] : ['  /**', ...lines.map((line) => `   * ${line}`), '   */'];
}

/** A constant that is a function, as one would write it. */
const asFunction = (code) => code.replace(/^const (\w+): (<[^(]*>)?(\(.*\)) => (.*);$/s, 'function $1$3: $4;');

function section(entry, marks) {
  const heading = `### ${entry.name}${marks.has(entry.name) ? '' : '*'}`;
  const code = `\`\`\`ts\n${asFunction(declaration(entry))}\n\`\`\``;
  return [heading, ...(entry.doc ? [entry.doc] : []), code].join('\n\n');
}

/** The functions of the active run are constants; what they promise is written where their types are. */
function describedBy(places, entry) {
  const found = places.find((each) => each.doc !== '' && nameOf(each) === entry.name);
  return { ...entry, doc: entry.doc || (found?.doc ?? '') };
}

export function sdkPage() {
  const all = new Map(exportsOf(ENTRY).map((entry) => [entry.name, entry]));
  const marks = new Set(exportsOf(join(root, 'dist/types/client/index.d.ts')).map(({ name }) => name));
  const places = [...statements(bodyOf(all.get('Tracking').code)), ...members(all.get('Run'))];
  const pages = [INTRO.trimEnd()];
  const shown = new Set();
  for (const [title, names] of Object.entries(GROUPS)) {
    pages.push(`## ${title}`);
    for (const name of names) {
      const entry = all.get(name);
      if (!entry) throw new Error(`${name} is no export: say so in scripts/golden/sdk-page.mjs`);
      shown.add(name);
      pages.push(section(describedBy(places, entry), marks));
    }
  }
  const rest = [...all.values()].filter(({ name }) => !shown.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const isEntity = ({ file }) => file.includes('/types/api/');
  pages.push('## Types', ...rest.filter((entry) => !isEntity(entry)).map((entry) => section(entry, marks)));
  const entities = rest.filter(isEntity).map(({ name }) => `\`${name}\``);
  pages.push(
    '## Messages',
    `As the server sends them, with the fields that [rest.md](rest.md) names: ${entities.join(', ')}.`,
  );
  return `${pages.join('\n\n')}\n`;
}

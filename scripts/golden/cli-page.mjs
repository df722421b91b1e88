/** docs/cli.md: what `mltrack … --help` prints, for every command that the help names. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../prepare.mjs';

/** Variables that change defaults or the language would change the page. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(MLFLOW|MLTRACK)_/.test(name))),
  LC_ALL: 'C',
};

const INTRO = `# The command line

Written by \`npm run golden\` from the command's own help.
`;

function help(words) {
  const args = [join(root, 'dist/mltrack.cjs'), ...words, '--help'];
  return execFileSync(process.execPath, args, { env, encoding: 'utf8' }).trimEnd();
}

/** Names of the commands below one, from its help. */
function commands(text, words) {
  const listed = /^Commands:\n((?: {2}.*\n?)+)/m.exec(text)?.[1] ?? '';
  const prefix = ['mltrack', ...words].join(' ');
  return listed
    .split('\n')
    .filter((line) => line.startsWith(`  ${prefix} `))
    .map((line) => line.slice(prefix.length + 3).split(/\s/)[0]);
}

function sections(words) {
  const text = help(words);
  const title = ['mltrack', ...words].join(' ');
  const section = `## ${title}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  return [section, ...commands(text, words).flatMap((name) => sections([...words, name]))];
}

export const cliPage = () => [INTRO, ...sections([])].join('\n');

/** `mltrack doctor`: what a report of a fault should say of the machine, the versions and the server. */
import { arch, release, type } from 'node:os';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../api/version.js';
import { aligned } from './table.js';
import { JSON_RESULT } from './tracking-server.js';

interface Args {
  maskEnvs: boolean;
  json: boolean;
}

/** ms that a server has to say that it is there. */
const PATIENCE = 3000;

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('mask-envs', { type: 'boolean', default: false, describe: 'Show the values of MLFLOW_* variables as ***' })
    .option('json', JSON_RESULT) as unknown as Argv<Args>;
}

async function run({ maskEnvs, json }: ArgumentsCamelCase<Args>): Promise<void> {
  const { connect } = await import('../client/node/index.js');
  const { uri } = connect();
  const facts = {
    'System information': `${type()} ${release()} ${arch()}`,
    'Node version': process.versions.node,
    'mltrack version': VERSION,
    'Tracking URI': maskEnvs ? uri.replace(/\/\/[^/@]*@/, '//***@') : withoutPassword(uri),
    'Tracking server': await stateOf(uri),
  };
  const variables = Object.fromEntries(
    Object.entries(process.env)
      .filter(([name]) => /^(MLFLOW|MLTRACK)_/.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value = '']) => [name, maskEnvs || isSecret(name) ? '***' : withoutPassword(value)]),
  );
  if (json) return console.log(JSON.stringify({ ...facts, 'Environment variables': variables }));
  console.log(aligned(Object.entries(facts).map(([name, value]) => [`${name}:`, value])).join('\n'));
  const rows = Object.entries(variables).map(([name, value]) => [`  ${name}:`, value]);
  if (rows.length > 0) console.log(['Environment variables:', ...aligned(rows)].join('\n'));
}

const isSecret = (name: string) => /PASSWORD|TOKEN|SECRET|KEY/.test(name);
const withoutPassword = (uri: string) => uri.replace(/(:\/\/[^:/@]*):[^@/]*@/, '$1:***@');

async function stateOf(uri: string): Promise<string> {
  if (!/^https?:/i.test(uri)) return 'none: the tracking URI is no URL of a server';
  const asked = async (path: string) => {
    const answer = await fetch(uri + path, { signal: AbortSignal.timeout(PATIENCE) });
    return { status: answer.status, text: (await answer.text()).trim().slice(0, 100) };
  };
  try {
    const { status, text } = await asked('/health');
    if (status !== 200) return `answers /health with ${status}`;
    const version = await asked('/version');
    return `${text}, ${version.status === 200 ? `version ${version.text}` : 'version unknown'}`;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    return `cannot be reached: ${code ?? (error as Error).message}`;
  }
}

export const doctor: CommandModule<object, Args> = {
  command: 'doctor',
  describe: 'Versions, tracking server and environment, for a report of a fault',
  builder: options,
  handler: run,
};

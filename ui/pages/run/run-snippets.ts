/** Code that reads a run, and the command that ran it as far as its tags say. */
import type { Run } from '../../../api/index.js';
import { shellQuoted } from '../../artifacts/snippets.js';
import { client } from '../../queries/connection.js';

const quoted = JSON.stringify;

export const pythonOf = ({ info }: Run) => `import mlflow

mlflow.set_tracking_uri(${quoted(client.uri)})
run = mlflow.get_run(${quoted(info.run_id)})
print(run.data.metrics, run.data.params)`;

export const typescriptOf = ({ info }: Run) => `import { connect } from 'mltrack';

const client = connect(${quoted(client.uri)});
const { run } = await client.getRun({ run_id: ${quoted(info.run_id)} });
console.log(run.data.metrics, run.data.params);`;

/** Undefined where the tags say too little. */
export function rerunOf(run: Run): string | undefined {
  const tag = (key: string) => run.data.tags?.find((each) => each.key === key)?.value;
  const source = tag('mlflow.source.name');
  if (!source) return undefined;
  const commit = tag('mlflow.source.git.commit');
  if (tag('mlflow.source.type') === 'PROJECT') {
    const entry = tag('mlflow.project.entryPoint');
    const params = (run.data.params ?? []).map(({ key, value }) => `-P ${shellQuoted(`${key}=${value}`)}`);
    const parts = ['mlflow run', shellQuoted(source), commit && `-v ${commit}`, entry && `-e ${shellQuoted(entry)}`];
    return [...parts, ...params].filter(Boolean).join(' \\\n  ');
  }
  const program = /\.[cm]?[jt]s$/.test(source) ? 'node' : /\.py$/.test(source) ? 'python' : undefined;
  if (!program) return undefined;
  return [
    commit && `git checkout ${commit}`,
    `export MLFLOW_TRACKING_URI=${shellQuoted(client.uri)}`,
    `${program} ${shellQuoted(source)}`,
  ]
    .filter(Boolean)
    .join('\n');
}

/** `mltrack runs describe`: a run as JSON, in the form of MLflow's own command. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { KeyValue, RunEntity } from '../../client/node/index.js';
import { onServer, RUN_ID } from '../tracking-server.js';

interface Args {
  runId: string;
}

async function run({ runId: run_id }: ArgumentsCamelCase<Args>): Promise<void> {
  const found = await onServer((client) => client.getRun({ run_id }));
  console.log(JSON.stringify(dictionaryOf(found.run), written, 4));
}

function dictionaryOf({ info, data, inputs, outputs }: RunEntity): object {
  const { run_uuid: _, ...facts } = info;
  return {
    info: { ...facts, start_time: info.start_time ?? null, end_time: info.end_time ?? null },
    data: {
      metrics: Object.fromEntries((data.metrics ?? []).map(({ key, value }) => [key, value])),
      params: dictionary(data.params),
      tags: dictionary(data.tags),
    },
    inputs: {
      model_inputs: inputs?.model_inputs ?? [],
      dataset_inputs: (inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => ({ dataset, tags: dictionary(tags) })),
    },
    outputs: { model_outputs: outputs?.model_outputs ?? [] },
  };
}

const dictionary = (pairs: readonly KeyValue[] | undefined) =>
  Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, value]));

/** JSON has no such numbers: as texts, which a script can tell from what is not there. */
const written = (_key: string, value: unknown) => {
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
};

export const describe: CommandModule<object, Args> = {
  command: 'describe',
  describe: 'All of a run as JSON',
  builder: (yargs) => yargs.option('run-id', RUN_ID) as unknown as Argv<Args>,
  handler: run,
};

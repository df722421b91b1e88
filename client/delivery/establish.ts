/** From how a run begins to the run on the server: found, gone on with, or created once however often it is tried. */
import { CLIENT_ID_TAG, type KeyValue, MltrackError, type RunInfo } from '../../api/index.js';
import type { Connection } from '../connect.js';
import type { RunStart } from '../entries.js';
import { isAmbiguous, type Retrier } from './retry.js';

export interface Establishing {
  readonly client: Connection;
  readonly retrier: Retrier;
  /** An earlier try may have created it. */
  readonly attempted: boolean;
  /** The run id of a parent that is known by its local id only. */
  parentOf(localId: string): Promise<string | undefined>;
}

/** Throws the server's refusal. */
export async function establish(start: RunStart, how: Establishing): Promise<RunInfo> {
  if (start.run_id !== undefined) return goOn(start, start.run_id, how);
  const { client, retrier } = how;
  const experiment_id = await retrier.run(() => experimentIdOf(client, start));
  const tags = await tagsOf(start, experiment_id, how);
  let { attempted } = how;
  return retrier.run(
    async () => {
      const found = attempted ? await findByLocalId(client, experiment_id, start.local_id) : undefined;
      if (found) return found;
      const { run } = await client.createRun({
        experiment_id,
        run_name: start.name,
        // As MLflow's clients do: there the tag is shown, here the column.
        user_id: tags.find(({ key }) => key === 'mlflow.user')?.value,
        start_time: start.start_time,
        tags,
      });
      return run.info;
    },
    (error) => {
      attempted ||= isAmbiguous(error);
    },
  );
}

async function goOn(start: RunStart, run_id: string, { client, retrier }: Establishing): Promise<RunInfo> {
  const { info } = (await retrier.run(() => client.getRun({ run_id }))).run;
  await retrier.run(() => client.updateRun({ run_id, status: 'RUNNING', run_name: start.name }));
  const tags = [...start.tags];
  if (tags.length > 0) await retrier.run(() => client.logBatch({ run_id, tags }));
  return info;
}

async function tagsOf(start: RunStart, experimentId: string, how: Establishing): Promise<KeyValue[]> {
  const tags = [...start.tags, { key: CLIENT_ID_TAG, value: start.local_id }];
  let parent = start.parent_run_id;
  if (start.parent_local_id !== undefined) {
    const local = start.parent_local_id;
    parent =
      (await how.parentOf(local)) ??
      (await how.retrier.run(() => findByLocalId(how.client, experimentId, local)))?.run_id;
  }
  if (parent !== undefined) tags.push({ key: 'mlflow.parentRunId', value: parent });
  return tags;
}

async function findByLocalId(client: Connection, experiment: string, localId: string): Promise<RunInfo | undefined> {
  const { runs = [] } = await client.searchRuns({
    experiment_ids: [experiment],
    filter: `tags.\`${CLIENT_ID_TAG}\` = '${localId}'`,
    run_view_type: 'ALL',
    max_results: 1,
  });
  return runs[0]?.info;
}

/** The experiment that a run is for, created when it is missing; "0" when none is named. */
export async function experimentIdOf(
  client: Connection,
  { experiment: name, experiment_id }: Pick<RunStart, 'experiment' | 'experiment_id'>,
): Promise<string> {
  if (experiment_id !== undefined) return experiment_id;
  if (name === undefined) return '0';
  const found = await client.getExperimentByName({ experiment_name: name }).catch((error) => {
    if (error instanceof MltrackError && error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    throw error;
  });
  if (found) return found.experiment.experiment_id;
  try {
    return (await client.createExperiment({ name })).experiment_id;
  } catch (error) {
    // Another process may have been first.
    if (!(error instanceof MltrackError) || error.code !== 'RESOURCE_ALREADY_EXISTS') throw error;
    return (await client.getExperimentByName({ experiment_name: name })).experiment.experiment_id;
  }
}

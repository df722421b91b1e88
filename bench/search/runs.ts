/** The runs that are searched: 20 params, 20 metrics and 5 tags each, all told by the run's number. */
import { Connection } from '../load.js';
import { keys, point } from '../workload.js';

export const METRIC = keys[1] as string;
export const PARAM = 'param_3';
export const TAG = 'tag_2';

const epoch = 1_767_225_600_000;
const CONNECTIONS = 4;

function logged(run: number) {
  const metrics = Array.from({ length: 20 }, (_, key) => point(key, 0, run));
  const params = Array.from({ length: 20 }, (_, i) => ({ key: `param_${i}`, value: `value ${(run + i) % 4}` }));
  const tags = Array.from({ length: 5 }, (_, i) => ({
    key: `tag_${i}`,
    value: `a note ${(run * 7 + i) % 6} of ${run}`,
  }));
  return { metrics, params, tags };
}

/** Makes runs number `first` to `end - 1`, later ones having started later. Answers their ids. */
export async function fill(port: number, experiment_id: string, first: number, end: number): Promise<string[]> {
  const ids: string[] = [];
  let next = first;
  const worker = async () => {
    const connection = await Connection.open(port);
    while (next < end) {
      const number = next++;
      const { run } = await connection.ask<{ run: { info: { run_id: string } } }>('POST', '/runs/create', {
        experiment_id,
        start_time: epoch + number,
        run_name: `run ${number}`,
      });
      const { run_id } = run.info;
      await connection.ask('POST', '/runs/log-batch', { run_id, ...logged(number) });
      ids[number - first] = run_id;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return ids;
}

/** What can be done to many runs at once. */
import { client, queryClient } from './connection.js';

/** Requests under way at the same time. */
const AT_ONCE = 6;

async function each(runIds: readonly string[], change: (runId: string) => Promise<unknown>): Promise<void> {
  const waiting = [...runIds];
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await change(id);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await runsChanged();
  }
}

/** Everything that shows runs is read anew. */
export async function runsChanged(): Promise<void> {
  const stale = ['run-rows', 'run-count', 'run-keys', 'run-groups', 'run-rows-of-group', 'run', 'trash'];
  await Promise.all(stale.map((first) => queryClient.invalidateQueries({ queryKey: [first] })));
}

export const deleteRuns = (runIds: readonly string[]) => each(runIds, (run_id) => client.deleteRun({ run_id }));
export const restoreRuns = (runIds: readonly string[]) => each(runIds, (run_id) => client.restoreRun({ run_id }));
export const tagRuns = (runIds: readonly string[], key: string, value: string) =>
  each(runIds, (run_id) => client.setTag({ run_id, key, value }));
export const renameRun = (runId: string, name: string) =>
  each([runId], (run_id) => client.updateRun({ run_id, run_name: name }));

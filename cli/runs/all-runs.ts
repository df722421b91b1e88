/** Every run of an experiment, page by page. */
import type { Connection, RunEntity } from '../../client/node/index.js';
import { pagesOf, type viewOf } from '../tracking-server.js';

const PAGE = 1000;

export function allRuns(
  client: Connection,
  experimentId: string,
  run_view_type: ReturnType<typeof viewOf>,
): Promise<RunEntity[]> {
  return pagesOf(async (token) => {
    const { runs, next_page_token } = await client.searchRuns({
      experiment_ids: [experimentId],
      run_view_type,
      max_results: PAGE,
      ...token,
    });
    return { items: runs, next: next_page_token };
  });
}

/** What was deleted and can still be restored. No part of MLflow's protocol, whose deletions are the same. */
import { endpoint } from '../endpoint.js';
import {
  enumeration,
  id,
  integer,
  list,
  listOf,
  message,
  type Output,
  required,
  string,
  withDefault,
} from '../schema.js';

export const TRASH_KIND = { EXPERIMENT: 1, RUN: 2, LOGGED_MODEL: 3 } as const;

export type TrashKind = keyof typeof TRASH_KIND;

export const TrashItem = message('TrashItem', {
  kind: required(enumeration(TRASH_KIND)),
  id: required(string('experiment_id, run_id or model_id')),
  name: required(string('may be empty')),
  experiment_id: required(string()),
  deletion_time: integer('ms since the epoch; absent where it is not known'),
});
export type TrashItem = Output<typeof TrashItem>;

export const trash = {
  listTrash: endpoint(
    'GET',
    '/2.0/mltrack/trash/list',
    'search',
    'Deleted experiments, then runs of experiments that are not deleted, then logged models, each the latest deletion first.',
    message('ListTrash', { max_results: withDefault(integer('1 to 1,000'), 100), page_token: string() }),
    message('ListTrashResponse', {
      items: listOf(TrashItem),
      total: required(integer()),
      next_page_token: string(),
    }),
  ),
  emptyTrash: endpoint(
    'POST',
    '/2.0/mltrack/trash/empty',
    'write',
    'Removes deleted experiments, runs and logged models for good, their artifacts in the server’s own storage too, as `mltrack gc` does.',
    message('EmptyTrash', {
      experiment_ids: list(id()),
      run_ids: list(id()),
      model_ids: list(id()),
      older_than: integer(
        'ms: what is named must have been deleted longer ago. Without ids: everything that old, which only admins may remove',
      ),
    }),
    message('EmptyTrashResponse', {
      experiments: required(integer()),
      runs: required(integer()),
      logged_models: required(integer()),
    }),
  ),
};

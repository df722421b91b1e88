/** What emptying the trash asks of the store: endpoints like those of the contract, but of no route. */
import { trash } from '../../api/beyond/trash.js';
import { endpoint } from '../../api/endpoint.js';
import { Empty } from '../../api/scalars.js';
import { bool, list, listOf, message, type Output, required, string } from '../../api/schema.js';

const Ids = {
  run_ids: list(string()),
  model_ids: list(string()),
  experiment_ids: list(string()),
};

export const TrashPlan = message('TrashPlan', Ids);
export type TrashPlan = Output<typeof TrashPlan>;

const NotedArtifacts = message('NotedArtifacts', { uri: required(string()), owner: required(string()) });

export const trashCalls = {
  planTrash: endpoint(
    'POST',
    'plan-trash',
    'search',
    'What emptyTrash is to remove, checked as a whole.',
    trash.emptyTrash.request,
    TrashPlan,
  ),
  removeTrash: endpoint(
    'POST',
    'remove-trash',
    'write',
    'Removes rows for good, as far as they are still deleted, and notes their artifacts. Answers what is gone.',
    TrashPlan,
    message('RemoveTrashResponse', { ...Ids, unfinished: bool('ask again: an experiment has more traces') }),
  ),
  listNotedArtifacts: endpoint(
    'GET',
    'list-noted-artifacts',
    'read',
    'Artifacts whose run or model is gone for good, after a URI.',
    message('ListNotedArtifacts', { after: string() }),
    message('ListNotedArtifactsResponse', { artifacts: listOf(NotedArtifacts) }),
  ),
  forgetNotedArtifacts: endpoint(
    'POST',
    'forget-noted-artifacts',
    'write',
    'Notes of artifacts that are removed.',
    message('ForgetNotedArtifacts', { uris: list(string()) }),
    Empty,
  ),
};

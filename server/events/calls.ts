/** What the events ask of the store: endpoints like those of the contract, but of no route. */
import { endpoint } from '../../api/endpoint.js';
import { id, list, listOf, message, required, string } from '../../api/schema.js';

export const eventCalls = {
  findRunExperiments: endpoint(
    'POST',
    'find-run-experiments',
    'read',
    'Which experiment each run is in; nothing for runs that are not there.',
    message('FindRunExperiments', { run_ids: list(string()) }),
    message('FindRunExperimentsResponse', {
      runs: listOf(message('RunPlace', { run_id: required(string()), experiment_id: required(string()) })),
    }),
  ),
  findReadableExperiments: endpoint(
    'POST',
    'find-readable-experiments',
    'read',
    'Those of the experiments that the caller may read.',
    message('FindReadableExperiments', { experiment_ids: list(id()) }),
    message('FindReadableExperimentsResponse', { experiment_ids: list(string()) }),
  ),
};

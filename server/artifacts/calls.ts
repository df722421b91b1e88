/** What the artifact routes ask of the store: endpoints like those of the contract, but of no route. */
import { ListArtifacts, ListLoggedModelArtifacts } from '../../api/artifacts.js';
import { endpoint } from '../../api/endpoint.js';
import { message, required, string } from '../../api/schema.js';

const Located = message('Located', {
  root_uri: required(string('the artifact URI of the run or model')),
  path: required(string('checked, relative to it')),
});

const LocatedTrace = message('LocatedTrace', { root_uri: required(string('the artifact URI of the trace')) });

export const artifactCalls = {
  locateTraceArtifacts: endpoint(
    'GET',
    'locate-trace-artifacts',
    'read',
    'Where a trace’s spans and attachments are.',
    message('LocateTraceArtifacts', { trace_id: required(string()) }),
    LocatedTrace,
  ),
  locateArtifacts: endpoint('GET', 'locate-artifacts', 'read', 'Where a run’s artifacts are.', ListArtifacts, Located),
  locateLoggedModelArtifacts: endpoint(
    'GET',
    'locate-logged-model-artifacts',
    'read',
    'Where a logged model’s artifacts are.',
    ListLoggedModelArtifacts,
    Located,
  ),
};

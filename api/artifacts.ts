/**
 * Artifact listings. The bytes themselves stream over hand-written routes of the server: `PUT`, `GET` and `DELETE
 * /2.0/mlflow-artifacts/artifacts/<path>`; `GET /get-artifact?run_id=&path=` and `/model-versions/get-artifact?name=&version=&path=`,
 * without a prefix; `GET /2.0/mlflow/logged-models/{model_id}/artifacts/files?artifact_file_path=`; and `GET
 * /2.0/mltrack/artifacts/archive?run_id=&path=` (or `model_id=`, or `name=&version=`), which answers a folder as a zip. A file comes as an
 * attachment; with `view=inline`, HTML and SVG come to be shown in a sandbox (an opaque origin that reaches no server), and PDF as it is.
 */
import { endpoint } from './endpoint.js';
import { bool, id, integer, message, type Output, required, someOf, string } from './schema.js';

export const FileInfo = message('FileInfo', {
  path: required(string('relative to the root')),
  is_dir: required(bool()),
  file_size: integer('bytes; absent for a folder'),
});
export type FileInfo = Output<typeof FileInfo>;

const Listing = message('ArtifactListing', {
  root_uri: required(string('the artifact URI of the run or model')),
  files: someOf(FileInfo),
  next_page_token: string(),
});

export const ListArtifacts = message('ListArtifacts', {
  run_id: id(),
  run_uuid: id('older name of run_id'),
  path: string('a folder relative to the run’s root'),
  page_token: string(),
});

export const ListLoggedModelArtifacts = message('ListLoggedModelArtifacts', {
  model_id: required(id()),
  artifact_directory_path: string('a folder relative to the model’s root'),
  page_token: string(),
});

export const artifacts = {
  listArtifacts: endpoint(
    'GET',
    '/2.0/mlflow/artifacts/list',
    'read',
    'Files and folders directly below a path of a run’s artifacts.',
    ListArtifacts,
    Listing,
  ),
  listLoggedModelArtifacts: endpoint(
    'GET',
    '/2.0/mlflow/logged-models/{model_id}/artifacts/directories',
    'read',
    'Files and folders directly below a path of a logged model’s artifacts.',
    ListLoggedModelArtifacts,
    Listing,
  ),
};

/** Below an API prefix: the proxy that stores and serves artifact bytes. */
export const ARTIFACT_PROXY_PATH = '/2.0/mlflow-artifacts/artifacts';

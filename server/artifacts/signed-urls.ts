/** URLs for clients of runs and logged models whose artifacts lie in S3. Source: `_create_presigned_upload_url`, `_create_presigned_download_url` in `mlflow/server/handlers.py`. */
import express, { type Router } from 'express';
import { API_PREFIXES, invalid, MltrackError } from '../../api/index.js';
import { id, integer, message, required, string } from '../../api/schema.js';
import { joined } from './listings.js';
import { checkPath } from './paths.js';
import type { Places } from './places.js';
import type { DirectAccess } from './repository.js';
import { answerJson, bodyOf, downloadUrlLife } from './requests.js';

/** Seconds. */
const UPLOAD_URL_LIFE = 900;
/** Signature V4's, in seconds. */
const LONGEST_LIFE = 604_800;

const CreateUploadUrl = message('CreatePresignedUploadUrl', {
  run_id: id(),
  model_id: id(),
  path: required(string()),
  expiration: integer('seconds'),
});
const CreateDownloadUrl = message('CreatePresignedDownloadUrl', {
  run_id: required(id()),
  path: required(string()),
  expiration: integer('seconds'),
});

/** Where the artifacts of a run or a logged model are. */
type UriOf = (kind: 'run' | 'model', id: string) => Promise<string>;

export function signedUrlRoutes(router: Router, places: Places, uriOf: UriOf): void {
  const json = express.json({ type: () => true });
  for (const prefix of API_PREFIXES) {
    router.post(`${prefix}/2.0/mlflow/artifacts/presigned-upload-url`, json, async (req, res) => {
      const { run_id, model_id, path, expiration } = CreateUploadUrl.parse(bodyOf(req.body));
      if (!run_id === !model_id) throw invalid('Exactly one of run_id and model_id must be provided.');
      const uri = run_id ? await uriOf('run', run_id) : await uriOf('model', model_id as string);
      const { direct, target } = directOf(places, uri, checkPath(path), 'upload');
      const { url, headers } = await direct.uploadUrl(target, lifeOf(expiration, UPLOAD_URL_LIFE));
      answerJson(res, { presigned_url: url, headers });
    });
    router.post(`${prefix}/2.0/mlflow/artifacts/presigned-download-url`, json, async (req, res) => {
      const { run_id, path, expiration } = CreateDownloadUrl.parse(bodyOf(req.body));
      const seconds = lifeOf(expiration, downloadUrlLife());
      const { direct, target } = directOf(places, await uriOf('run', run_id), checkPath(path), 'download');
      const { url, size } = await direct.downloadUrl(target, seconds);
      answerJson(res, { presigned_url: url, headers: {}, file_size: size });
    });
  }
}

function lifeOf(given: number | bigint | undefined, otherwise: number): number {
  const seconds = Number(given ?? otherwise);
  if (seconds >= 1 && seconds <= LONGEST_LIFE) return seconds;
  throw invalid(`expiration must be between 1 and ${LONGEST_LIFE} seconds (got ${seconds}).`);
}

function directOf(
  places: Places,
  uri: string,
  path: string,
  way: 'upload' | 'download',
): { direct: DirectAccess; target: string } {
  const [, scheme] = /^(https?|mlflow-artifacts):/.exec(uri) ?? [];
  if (scheme) {
    throw invalid(
      `Presigned ${way} is not supported for ${way === 'upload' ? '' : 'runs with '}proxied artifact storage (artifact URI scheme: ${scheme}). This endpoint requires a ${way === 'upload' ? '' : 'run with a '}direct cloud storage artifact URI.`,
    );
  }
  const { repository, path: root } = places.locate(uri);
  if (repository.direct) return { direct: repository.direct, target: joined(root, path) };
  throw new MltrackError('NOT_IMPLEMENTED', `Presigned ${way} is not supported for the current artifact repository`);
}

/** The artifact proxy: the part of the API whose bytes stream and so are no table entries. */
import express, { Router } from 'express';
import { API_PREFIXES, ARTIFACT_PROXY_PATH, invalid, MltrackError } from '../../api/index.js';
import { id, integer, listOf, message, required, string } from '../../api/schema.js';
import { joined } from './listings.js';
import { checkPath } from './paths.js';
import type { ArtifactRepository, DirectAccess } from './repository.js';
import { answerJson, bodyOf, downloadUrlLife, pathOf, queried, takingBody } from './requests.js';
import { sendFile } from './send-file.js';

/** S3's. */
const MAX_PARTS = 10_000;
/** Of the request that lists the parts. */
const PARTS_BODY = '16mb';
const CreateUpload = message('CreateMultipartUpload', {
  path: required(string('its last part is the name of the file')),
  num_parts: required(integer()),
});
const CompleteUpload = message('CompleteMultipartUpload', {
  path: required(string()),
  upload_id: required(id()),
  parts: listOf(message('MultipartUploadPart', { part_number: required(integer()), etag: required(string()) })),
});
const AbortUpload = message('AbortMultipartUpload', { path: required(string()), upload_id: required(id()) });

export function artifactRoutes(repository: ArtifactRepository): Router {
  const router = Router();
  for (const prefix of API_PREFIXES) {
    const root = prefix + ARTIFACT_PROXY_PATH;
    router.get(root, async (req, res) => {
      const files = await repository.list(checkPath(queried(req, 'path') ?? ''));
      // Names only, as MLflow's proxy answers.
      const named = files.map((file) => ({ ...file, path: file.path.slice(file.path.lastIndexOf('/') + 1) }));
      answerJson(res, { files: named });
    });
    router.get(`${root}/*path`, async (req, res) => {
      const path = pathOf(req);
      await sendFile(await repository.open(path), path, req, res);
    });
    router.put(`${root}/*path`, async (req, res) => {
      const length = req.headers['content-length'];
      const size = length === undefined ? undefined : Number(length);
      await takingBody(req, res, async () => repository.write(pathOf(req), req, size));
      answerJson(res, {});
    });
    router.delete(`${root}/*path`, async (req, res) => {
      await repository.remove(pathOf(req));
      answerJson(res, {});
    });
    directRoutes(router, prefix + DIRECT_PATH, repository);
  }
  return router;
}

const DIRECT_PATH = ARTIFACT_PROXY_PATH.replace(/\/artifacts$/, '');

/** Uploads in parts and downloads that go past this server, where the storage has them. */
function directRoutes(router: Router, root: string, repository: ArtifactRepository): void {
  const json = express.json({ type: () => true, limit: PARTS_BODY });
  router.post(`${root}/mpu/create{/*path}`, json, async (req, res) => {
    const { path, num_parts } = CreateUpload.parse(bodyOf(req.body));
    const direct = directOf(repository, 'upload');
    if (num_parts < 1 || num_parts > MAX_PARTS) {
      throw invalid(`Invalid value ${num_parts} for parameter 'num_parts' supplied: it must be 1 to ${MAX_PARTS}.`);
    }
    const { uploadId, urls } = await direct.createUpload(targetOf(pathOf(req), path), Number(num_parts));
    const credentials = urls.map((url, i) => ({ url, part_number: i + 1, headers: {} }));
    answerJson(res, { upload_id: uploadId, credentials });
  });
  router.post(`${root}/mpu/complete{/*path}`, json, async (req, res) => {
    const { path, upload_id, parts } = CompleteUpload.parse(bodyOf(req.body));
    const sent = parts.map(({ part_number, etag }) => ({ partNumber: Number(part_number), etag }));
    await directOf(repository, 'upload').completeUpload(targetOf(pathOf(req), path), upload_id, sent);
    answerJson(res, {});
  });
  router.post(`${root}/mpu/abort{/*path}`, json, async (req, res) => {
    const { path, upload_id } = AbortUpload.parse(bodyOf(req.body));
    await directOf(repository, 'upload').abortUpload(targetOf(pathOf(req), path), upload_id);
    answerJson(res, {});
  });
  router.get(`${root}/presigned/*path`, async (req, res) => {
    const { url, size } = await directOf(repository, 'download').downloadUrl(pathOf(req), downloadUrlLife());
    answerJson(res, { url, headers: {}, file_size: size });
  });
}

/** Clients name the file by its path on their machine. */
function targetOf(folder: string, file: string): string {
  const name = checkPath(file.slice(file.search(/[^/\\]*$/)));
  if (name === '') throw invalid('Invalid path');
  return joined(folder, name);
}

function directOf({ direct }: ArtifactRepository, way: 'upload' | 'download'): DirectAccess {
  if (direct) return direct;
  throw new MltrackError('NOT_IMPLEMENTED', `Multipart ${way} is not supported for the current artifact repository`);
}

/** Files by what they belong to: a run, a version of a registered model, a logged model, or a trace. */
import express, { type Request, Router } from 'express';
import { API_PREFIXES, invalid, MltrackError } from '../../api/index.js';
import type { Backend } from '../threads/backend.js';
import { sendArchive } from './archive.js';
import { joined } from './listings.js';
import { askStore, ownersOf } from './owners.js';
import { checkPath } from './paths.js';
import type { Places } from './places.js';
import { queried, queriedPath } from './requests.js';
import { sendFile } from './send-file.js';
import { signedUrlRoutes } from './signed-urls.js';

/** Of `upload-artifact`, which the UI uses; other clients stream. */
const UPLOAD_LIMIT = 10 * 1024 * 1024;

export function ownedFileRoutes(backend: Backend, places: Places): Router {
  const router = Router();
  const ask = askStore(backend);

  const { ofRun, ofVersion: versionOf, ofModel } = ownersOf(ask, places);
  const ofVersion = (req: Request) => versionOf(queried(req, 'name'), queried(req, 'version'));

  router.get('/get-artifact', async (req, res) => {
    const path = queriedPath(req);
    const root = await ofRun(queried(req, 'run_id', 'run_uuid'));
    await sendFile(await root.repository.open(joined(root.path, path)), path, req, res);
  });
  router.get('/model-versions/get-artifact', async (req, res) => {
    const path = queriedPath(req);
    const root = await ofVersion(req);
    await sendFile(await root.repository.open(joined(root.path, path)), path, req, res);
  });
  for (const version of ['2.0', '3.0']) {
    router.get(
      API_PREFIXES.map((prefix) => `${prefix}/${version}/mlflow/get-trace-artifact`),
      async (req, res) => {
        const { trace_id, path } = traceFile(req);
        const root = await places.locate(await ask('locateTraceArtifacts', { trace_id }, 'root_uri'));
        await sendFile(await root.repository.open(joined(root.path, path)), path, req, res);
      },
    );
  }
  for (const prefix of API_PREFIXES) {
    router.get(`${prefix}/2.0/mlflow/logged-models/:model_id/artifacts/files`, async (req, res) => {
      const given = queried(req, 'artifact_file_path');
      if (given === undefined) {
        throw new MltrackError('BAD_REQUEST', 'Request must include the "artifact_file_path" query parameter.');
      }
      const path = checkPath(given);
      const root = await ofModel(req.params.model_id);
      await sendFile(await root.repository.open(joined(root.path, path)), path, req, res);
    });
    router.post(
      `${prefix}/2.0/mlflow/upload-artifact`,
      (req, _res, next) => {
        checkUpload(req);
        next();
      },
      express.raw({ type: () => true, limit: UPLOAD_LIMIT, inflate: false }),
      async (req, res) => {
        const { run_uuid, path } = checkUpload(req);
        if (!Buffer.isBuffer(req.body) || req.body.length === 0) throw invalid('Request must specify data.');
        const root = await ofRun(run_uuid);
        const { Readable } = await import('node:stream');
        await root.repository.write(joined(root.path, path), Readable.from([req.body]), req.body.length);
        res.status(200).setHeader('content-type', 'application/json').end();
      },
    );
    router.get(`${prefix}/2.0/mltrack/artifacts/archive`, async (req, res) => {
      const path = checkPath(queried(req, 'path') ?? '');
      const modelId = queried(req, 'model_id');
      const byVersion = queried(req, 'name') !== undefined;
      const root = byVersion
        ? await ofVersion(req)
        : modelId !== undefined
          ? await ofModel(modelId)
          : await ofRun(queried(req, 'run_id', 'run_uuid'));
      await sendArchive(root.repository, joined(root.path, path), res);
    });
  }
  signedUrlRoutes(router, places, (kind, id) =>
    kind === 'run'
      ? ask('locateArtifacts', { run_id: id }, 'root_uri')
      : ask('locateLoggedModelArtifacts', { model_id: id }, 'root_uri'),
  );
  return router;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The spans of a trace, or one of its attachments, which are named by UUIDs. */
function traceFile(req: Request): { trace_id: string; path: string } {
  const trace_id = queried(req, 'request_id');
  if (trace_id === undefined) {
    throw new MltrackError('BAD_REQUEST', 'Request must include the "request_id" query parameter.');
  }
  const name = queried(req, 'path');
  if (name === undefined) return { trace_id, path: 'traces.json' };
  if (!UUID.test(name)) throw invalid(`Invalid attachment path: '${name}'. Attachment path must be a valid UUID.`);
  return { trace_id, path: `attachments/${name}` };
}

function checkUpload(req: Request): { run_uuid: string; path: string } {
  const run_uuid = queried(req, 'run_uuid');
  if (run_uuid === undefined) throw invalid('Request must specify run_uuid.');
  const given = queried(req, 'path');
  if (given === undefined) throw invalid('Request must specify path.');
  const path = checkPath(given);
  if (Number(req.headers['content-length'] ?? 0) > UPLOAD_LIMIT) throw tooLarge();
  return { run_uuid, path };
}

const tooLarge = () => invalid('Artifact size is too large. Max size is 10MB.');

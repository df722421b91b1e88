/** The artifact proxy: the one part of the API whose bytes stream and so are no table entries. */
import { type Request, type Response, Router } from 'express';
import { API_PREFIXES, ARTIFACT_PROXY_PATH, MltrackError } from '../../api/index.js';
import { sendJson } from '../http-answers.js';
import { contentType } from './content-type.js';
import { checkPath } from './paths.js';
import type { ArtifactRepository } from './repository.js';

export function artifactRoutes(repository: ArtifactRepository): Router {
  const router = Router();
  for (const prefix of API_PREFIXES) {
    const root = prefix + ARTIFACT_PROXY_PATH;
    router.get(root, async (req, res) => {
      const path = checkPath(String(req.query.path ?? ''));
      const files = await repository.list(path);
      // Names only, as MLflow's proxy answers.
      const named = files.map((file) => ({ ...file, path: file.path.slice(file.path.lastIndexOf('/') + 1) }));
      sendJson(res, 200, Buffer.from(JSON.stringify({ files: named })));
    });
    router.get(`${root}/*path`, async (req, res) => {
      await sendFile(repository, pathOf(req), res);
    });
    router.put(`${root}/*path`, async (req, res) => {
      await repository.write(pathOf(req), req);
      sendJson(res, 200, Buffer.from('{}'));
    });
    router.delete(`${root}/*path`, async (req, res) => {
      await repository.remove(pathOf(req));
      sendJson(res, 200, Buffer.from('{}'));
    });
  }
  return router;
}

/** What `--no-serve-artifacts` answers. */
export function refuseArtifacts(): Router {
  const router = Router();
  for (const prefix of API_PREFIXES) {
    router.use(prefix + ARTIFACT_PROXY_PATH, (req, res) => {
      res
        .status(503)
        .type('text/plain')
        .send(
          `Endpoint: \`${req.originalUrl}\` disabled due to the mltrack server running with \`--no-serve-artifacts\`. To enable artifacts server functionality, run \`mltrack server\` with \`--serve-artifacts\`.`,
        );
    });
  }
  return router;
}

function pathOf(req: Request): string {
  const segments: unknown = req.params.path;
  if (!Array.isArray(segments)) throw new MltrackError('INVALID_PARAMETER_VALUE', 'Invalid path');
  return checkPath(segments.join('/'));
}

/** Streams a file with ranges and conditions; nothing that a user uploaded may run in this origin. */
async function sendFile(repository: ArtifactRepository, path: string, res: Response): Promise<void> {
  const place = await repository.locate(path);
  const name = path.slice(path.lastIndexOf('/') + 1);
  res.attachment(name);
  res.setHeader('content-type', contentType(name));
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('content-security-policy', "sandbox; default-src 'none'");
  await new Promise<void>((resolve, reject) => {
    res.sendFile(place, { dotfiles: 'allow', cacheControl: false, acceptRanges: true }, (error?: Error) => {
      // A client that goes away in the middle is its own affair.
      if (!error || res.headersSent) resolve();
      else reject(error);
    });
  });
}

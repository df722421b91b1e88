/** Trying a model: `GET …/serving/describe` and `POST …/serving/invocations`, both with `model_uri`. */
import { type Request, Router } from 'express';
import { API_PREFIXES, DESCRIBE_PATH, INVOCATIONS_PATH, invalid } from '../../api/index.js';
import type { Owners } from '../artifacts/owners.js';
import { copyModel } from './copy.js';
import type { ServingEngine } from './engine.js';
import { forward } from './forward.js';
import { describe, findModel } from './models.js';
import type { ServingProcesses } from './processes.js';

export interface Trying {
  readonly engine: ServingEngine;
  /** Undefined where it was switched off. */
  readonly processes: ServingProcesses | undefined;
}

export function servingRoutes(owners: Owners, { engine, processes }: Trying): Router {
  const router = Router();
  const keyOf = (uri: string, etag: string) => `${uri}\n${etag}`;
  router.get(
    API_PREFIXES.map((prefix) => prefix + DESCRIBE_PATH),
    async (req, res) => {
      const uri = uriOf(req);
      const found = await findModel(owners, engine, uri);
      const isRunning = 'etag' in found && processes?.isRunning(keyOf(uri, found.etag)) === true;
      const description = await describe(uri, found, isRunning);
      res.json(
        processes || !description.can_try ? description : { ...description, can_try: false, why_not: SWITCHED_OFF },
      );
    },
  );
  router.post(
    API_PREFIXES.map((prefix) => prefix + INVOCATIONS_PATH),
    async (req, res) => {
      const uri = uriOf(req);
      if (!processes) throw invalid(SWITCHED_OFF);
      const found = await findModel(owners, engine, uri);
      if ('whyNot' in found) throw invalid(found.whyNot);
      if (found.model.refusal !== undefined) throw invalid(found.model.refusal);
      const prepare = (folder: string) => copyModel(found.place, folder);
      await processes.use(keyOf(uri, found.etag), prepare, (running) => forward(running, req, res));
    },
  );
  return router;
}

const SWITCHED_OFF = 'No model can be tried on this server: MLTRACK_TRY_MODELS is 0.';

/** Throws INVALID_PARAMETER_VALUE. */
function uriOf(req: Request): string {
  // As the rule reads it that says who may.
  const [given, ...others] = new URLSearchParams(req.originalUrl.split('?')[1] ?? '').getAll('model_uri');
  if (others.length > 0) throw invalid("'model_uri' may be given once.");
  if (!given) throw invalid("Missing value for required parameter 'model_uri'.");
  return given;
}

/** `GET …/2.0/mltrack/events`: what changes, as server-sent events, for as long as the client stays. */
import { type Request, Router } from 'express';
import { API_PREFIXES, EVENTS_PATH, invalid } from '../../api/index.js';
import { personOf } from '../auth/identity.js';
import type { EventHub } from './hub.js';
import type { Wanted } from './stream.js';

const MOST_IDS = 100;
const LONGEST_ID = 100;

export function eventRoutes(hub: EventHub): Router {
  const router = Router();
  router.get(
    API_PREFIXES.map((prefix) => prefix + EVENTS_PATH),
    async (req, res) => {
      const { wanted, since } = asked(req);
      const person = personOf(req);
      if (person) await hub.checkReadable(wanted, person);
      if (req.method === 'HEAD') return void res.type('text/event-stream').end();
      await hub.open(res, wanted, person, since);
    },
  );
  return router;
}

/** Throws INVALID_PARAMETER_VALUE. */
function asked(req: Request): { wanted: Wanted; since: string | undefined } {
  const query = new URLSearchParams(req.originalUrl.split('?')[1] ?? '');
  const unknown = [...query.keys()].find((name) => !['experiment_id', 'run_id', 'since'].includes(name));
  if (unknown !== undefined) throw invalid(`The events take experiment_id, run_id and since, not '${unknown}'.`);
  const wanted = {
    experimentIds: idsOf(query, 'experiment_id', /^\d{1,19}$/),
    runIds: idsOf(query, 'run_id', /^[\w-]+$/),
  };
  const since = query.getAll('since');
  if (since.length > 1) throw invalid("'since' may be given once.");
  const last = req.headers['last-event-id'];
  return { wanted, since: (typeof last === 'string' && last) || since[0] || undefined };
}

function idsOf(query: URLSearchParams, name: string, shape: RegExp): Set<string> {
  const ids = new Set(query.getAll(name));
  if (ids.size > MOST_IDS) throw invalid(`At most ${MOST_IDS} values of '${name}' can be followed, not ${ids.size}.`);
  for (const id of ids) {
    if (id.length > LONGEST_ID || !shape.test(id)) throw invalid(`'${id.slice(0, LONGEST_ID)}' is no ${name}.`);
  }
  return ids;
}

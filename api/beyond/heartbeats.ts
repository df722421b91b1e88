/** Signs of life of the programs that log runs. No part of MLflow's protocol, whose clients send none. */
import { endpoint } from '../endpoint.js';
import { bool, id, integer, message, required } from '../schema.js';

/** The tag of a run that was marked because nothing more was heard of its program. */
export const SILENT_TAG = 'mltrack.silent';

export const heartbeats = {
  sendHeartbeat: endpoint(
    'POST',
    '/2.0/mltrack/runs/heartbeat',
    'write',
    'Says that the program of a run is alive. A running run that was heard of and then for too long no more becomes KILLED, with the tag ' +
      '`mltrack.silent`; the next heartbeat makes it RUNNING again.',
    message('SendHeartbeat', { run_id: required(id()) }),
    message('SendHeartbeatResponse', {
      interval: integer('ms until the next one is wanted; absent where none is'),
      revived: bool('the run had been marked'),
    }),
  ),
};

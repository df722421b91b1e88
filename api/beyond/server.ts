/** The server itself, for the person who runs it. No part of MLflow's protocol. */
import { endpoint } from '../endpoint.js';
import { bool, integer, message, type Output, required, string } from '../schema.js';

const ServerFacts = message('ServerFacts', {
  version: required(string('of mltrack')),
  store: required(string('the kind of database: `SQLite` or `PostgreSQL`')),
  schema_version: required(integer('of the database')),
  default_artifact_root: required(string('where new experiments keep their artifacts')),
  auth_enabled: required(bool('whether users sign in')),
  default_permission: string('what users may do with what they were given nothing on; absent where nobody signs in'),
});
export type ServerFacts = Output<typeof ServerFacts>;

export const serverFacts = {
  getServerFacts: endpoint(
    'GET',
    '/2.0/mltrack/server/facts',
    'read',
    'What server this is.',
    message('GetServerFacts', {}),
    ServerFacts,
  ),
};

/** What the store knows of the server it is in. */
import type { serverFacts as table } from '../../../api/beyond/server.js';
import type { Handlers } from '../../../api/endpoint.js';
import { VERSION } from '../../../api/version.js';
import { NEWEST_SCHEMA } from '../../db/migrate.js';
import type { StoreContext } from '../context.js';

const NAMES = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

export const serverFacts: Handlers<typeof table, StoreContext> = {
  async getServerFacts(_, { db, settings }) {
    return {
      version: VERSION,
      store: NAMES[db.dialect.name],
      schema_version: NEWEST_SCHEMA,
      // A scheme alone has lost the slash that it is given with.
      default_artifact_root: settings.defaultArtifactRoot.replace(/:$/, ':/'),
      auth_enabled: settings.auth !== undefined,
      ...(settings.auth && { default_permission: settings.auth.defaultPermission }),
    };
  },
};

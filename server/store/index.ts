/** The store: every endpoint of the table, implemented over the database port; what needs a network or a storage is not. */
import type { Handlers } from '../../api/index.js';
import type { AnsweredBefore, Endpoints } from '../endpoints.js';
import { artifacts } from './artifacts.js';
import { credentials } from './auth/credentials.js';
import { permissions } from './auth/permissions.js';
import { sessions } from './auth/sessions.js';
import { tokens } from './auth/tokens.js';
import { users } from './auth/users.js';
import type { StoreContext } from './context.js';
import { experiments } from './experiments.js';
import { heartbeats } from './heartbeats.js';
import { datasets } from './inputs/inputs.js';
import { loggedModels } from './logged-models.js';
import { logging } from './logging.js';
import { metrics } from './metrics.js';
import { curves } from './pages/curves.js';
import { runTable } from './pages/run-table.js';
import { serverFacts } from './pages/server-facts.js';
import { trash } from './pages/trash.js';
import { views } from './pages/views.js';
import { watched } from './pages/watched.js';
import { modelVersions } from './registry/model-versions.js';
import { registeredModels } from './registry/registered-models.js';
import { runs } from './runs.js';
import { assessments } from './traces/assessments.js';
import { olderTraces } from './traces/older-traces.js';
import { traces } from './traces/traces.js';
import { deliveries } from './webhooks/deliveries.js';
import { webhooks } from './webhooks/webhooks.js';

export const store: Handlers<Omit<Endpoints, AnsweredBefore>, StoreContext> = {
  ...experiments,
  ...runs,
  ...logging,
  ...metrics,
  ...datasets,
  ...artifacts,
  ...loggedModels,
  ...registeredModels,
  ...modelVersions,
  ...traces,
  ...olderTraces,
  ...assessments,
  ...runTable,
  ...curves,
  ...views,
  ...trash,
  ...webhooks,
  ...deliveries,
  ...users,
  ...permissions,
  ...tokens,
  ...credentials,
  ...sessions,
  ...watched,
  ...heartbeats,
  ...serverFacts,
};

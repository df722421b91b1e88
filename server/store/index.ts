/** The store: every endpoint of the table, implemented over the database port. */
import type { Api, Handlers } from '../../api/index.js';
import { artifacts } from './artifacts.js';
import type { StoreContext } from './context.js';
import { experiments } from './experiments.js';
import { loggedModels } from './logged-models.js';
import { logging } from './logging.js';
import { metrics } from './metrics.js';
import { runs } from './runs.js';

export const store: Handlers<Api, StoreContext> = {
  ...experiments,
  ...runs,
  ...logging,
  ...metrics,
  ...artifacts,
  ...loggedModels,
};

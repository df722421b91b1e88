/** Conditions of searches: which experiments and registered models the caller may read. None for admins, and where nobody has to sign in. */
import { PERMISSION } from '../../../api/index.js';
import { type Sql, sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';

/** `experiment` is the column with the experiment's id. */
export const visibleExperiments = (ctx: StoreContext, experiment: Sql): Sql[] =>
  visible(ctx, sql`experiment_permissions p where p.experiment = ${experiment}`);

/** `name` is the column with the registered model's name. */
export const visibleModels = (ctx: StoreContext, name: Sql): Sql[] =>
  visible(ctx, sql`registered_model_permissions p where p.name = ${name}`);

function visible({ caller }: StoreContext, permissions: Sql): Sql[] {
  if (!caller || caller.isAdmin) return [];
  const own = sql`select 1 from ${permissions} and p.user_id = ${caller.id}`;
  return PERMISSION[caller.defaultPermission] >= PERMISSION.READ
    ? [sql`not exists (${own} and p.permission < ${PERMISSION.READ})`]
    : [sql`exists (${own} and p.permission >= ${PERMISSION.READ})`];
}

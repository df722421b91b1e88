/** Permissions on experiments and registered models, by user. Source: `mlflow/server/auth/sqlalchemy_store.py`. */

import type { permissions as table } from '../../../api/auth/permissions.js';
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, MltrackError, missing, PERMISSION, type Permission } from '../../../api/index.js';
import { type Sql, sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { findExperiment } from '../experiments.js';
import { findRegisteredModel } from '../registry/rows.js';
import { findUser, type UserRow } from './users.js';

export const permissionOf = (number: number): Permission =>
  (Object.keys(PERMISSION) as Permission[]).find((name) => PERMISSION[name] === number) ?? 'NO_PERMISSIONS';

/** What a permission is on. */
interface Resource {
  readonly table: Sql;
  readonly column: Sql;
  readonly id: string | number;
  /** As MLflow's messages name it. */
  readonly noun: string;
  readonly field: string;
}

export const permissions: Handlers<typeof table, StoreContext> = {
  async createExperimentPermission({ experiment_id, username, permission }, ctx) {
    const user = await findUser(ctx, username);
    await create(ctx, user, await experimentOf(ctx, experiment_id), permission);
    return { experiment_permission: { experiment_id, user_id: user.id, permission } };
  },

  async getExperimentPermission({ experiment_id, username }, ctx) {
    const user = await findUser(ctx, username);
    const permission = await find(ctx, user, await experimentOf(ctx, experiment_id));
    return { experiment_permission: { experiment_id, user_id: user.id, permission } };
  },

  async updateExperimentPermission({ experiment_id, username, permission }, ctx) {
    await update(ctx, await findUser(ctx, username), await experimentOf(ctx, experiment_id), permission);
    return {};
  },

  async deleteExperimentPermission({ experiment_id, username }, ctx) {
    await remove(ctx, await findUser(ctx, username), await experimentOf(ctx, experiment_id));
    return {};
  },

  async createRegisteredModelPermission({ name, username, permission }, ctx) {
    const user = await findUser(ctx, username);
    await create(ctx, user, await modelOf(ctx, name), permission);
    return { registered_model_permission: { name, user_id: user.id, permission } };
  },

  async getRegisteredModelPermission({ name, username }, ctx) {
    const user = await findUser(ctx, username);
    const permission = await find(ctx, user, await modelOf(ctx, name));
    return { registered_model_permission: { name, user_id: user.id, permission } };
  },

  async updateRegisteredModelPermission({ name, username, permission }, ctx) {
    await update(ctx, await findUser(ctx, username), await modelOf(ctx, name), permission);
    return {};
  },

  async deleteRegisteredModelPermission({ name, username }, ctx) {
    await remove(ctx, await findUser(ctx, username), await modelOf(ctx, name));
    return {};
  },

  async grantUserPermission({ username, permission, ...address }, ctx) {
    await grant(ctx, (await findUser(ctx, username)).id, await resourceOf(ctx, address), permission);
    return {};
  },

  async revokeUserPermission({ username, ...address }, ctx) {
    await remove(ctx, await findUser(ctx, username), await resourceOf(ctx, address));
    return {};
  },

  async getUserPermission({ username, ...address }, ctx) {
    const user = await findUser(ctx, username);
    const own = await rowOf(ctx, user, await resourceOf(ctx, address));
    const permission =
      user.is_admin === 1
        ? 'MANAGE'
        : own
          ? permissionOf(own.permission)
          : (ctx.settings.auth?.defaultPermission ?? 'READ');
    return { allowed: PERMISSION[permission] >= PERMISSION.USE, permission };
  },
};

/** Who creates something may do everything with it. */
export const grantExperiment = async (ctx: StoreContext, user: number, id: string) =>
  grant(ctx, user, await experimentOf(ctx, id), 'MANAGE');
export const grantModel = async (ctx: StoreContext, user: number, name: string) =>
  grant(ctx, user, await modelOf(ctx, name), 'MANAGE');

/** Throws RESOURCE_DOES_NOT_EXIST. */
async function experimentOf(ctx: StoreContext, experiment: string): Promise<Resource> {
  const { id } = await findExperiment(ctx, experiment);
  return {
    table: sql`experiment_permissions`,
    column: sql`experiment`,
    id,
    noun: 'Experiment',
    field: 'experiment_id',
  };
}

/** Throws RESOURCE_DOES_NOT_EXIST. */
async function modelOf(ctx: StoreContext, model: string): Promise<Resource> {
  const { name } = await findRegisteredModel(ctx, model);
  const noun = 'Registered model';
  return { table: sql`registered_model_permissions`, column: sql`name`, id: name, noun, field: 'name' };
}

function resourceOf(ctx: StoreContext, address: { resource_type: string; resource_id: string }): Promise<Resource> {
  const { resource_type, resource_id } = address;
  if (resource_type === 'experiment') return experimentOf(ctx, resource_id);
  if (resource_type === 'registered_model' || resource_type === 'prompt') return modelOf(ctx, resource_id);
  throw invalid(`Invalid resource type '${resource_type}'. Valid types are: experiment, registered_model, prompt.`);
}

const rowOf = (ctx: StoreContext, { id }: UserRow, { table, column, id: on }: Resource) =>
  ctx.db.get<{ permission: number }>(sql`select permission from ${table} where user_id = ${id} and ${column} = ${on}`);

const notFound = ({ username }: UserRow, { noun, field, id }: Resource) =>
  missing(`${noun} permission with ${field}=${id} and username=${username} not found`);

async function find(ctx: StoreContext, user: UserRow, resource: Resource): Promise<Permission> {
  const row = await rowOf(ctx, user, resource);
  if (!row) throw notFound(user, resource);
  return permissionOf(row.permission);
}

async function create(ctx: StoreContext, user: UserRow, resource: Resource, permission: Permission): Promise<void> {
  const { table, column, id, noun, field } = resource;
  const created = await ctx.db.run(
    sql`insert into ${table} (user_id, ${column}, permission) values (${user.id}, ${id}, ${PERMISSION[permission]})
        on conflict (user_id, ${column}) do nothing`,
  );
  if (created > 0) return;
  const message = `${noun} permission (${field}=${id}, username=${user.username}) already exists. Error: it has one.`;
  throw new MltrackError('RESOURCE_ALREADY_EXISTS', message);
}

async function update(ctx: StoreContext, user: UserRow, resource: Resource, permission: Permission): Promise<void> {
  const { table, column, id } = resource;
  const changed = await ctx.db.run(
    sql`update ${table} set permission = ${PERMISSION[permission]} where user_id = ${user.id} and ${column} = ${id}`,
  );
  if (changed === 0) throw notFound(user, resource);
}

async function remove(ctx: StoreContext, user: UserRow, resource: Resource): Promise<void> {
  const { table, column, id } = resource;
  const removed = await ctx.db.run(sql`delete from ${table} where user_id = ${user.id} and ${column} = ${id}`);
  if (removed === 0) throw notFound(user, resource);
}

async function grant(ctx: StoreContext, user: number, resource: Resource, permission: Permission): Promise<void> {
  const { table, column, id } = resource;
  await ctx.db.run(
    sql`insert into ${table} (user_id, ${column}, permission) values (${user}, ${id}, ${PERMISSION[permission]})
        on conflict (user_id, ${column}) do update set permission = excluded.permission`,
  );
}

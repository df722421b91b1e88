/** Users. Source: `mlflow/server/auth/sqlalchemy_store.py`. */

import type { users as table } from '../../../api/auth/users.js';
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, MltrackError, missing, type User } from '../../../api/index.js';
import type { Caller } from '../../auth/access.js';
import { notAuthenticated } from '../../auth/identity.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { permissionOf } from './permissions.js';

export interface UserRow {
  id: number;
  username: string;
  password_hash: string;
  is_admin: number;
  revision: number;
}

const LONGEST_NAME = 255;

export const users: Handlers<Omit<typeof table, 'createUser' | 'updateUserPassword'>, StoreContext> = {
  async getUser({ username }, ctx) {
    return { user: await loadUser(ctx, await findUser(ctx, username)) };
  },

  async getCurrentUser(_, ctx) {
    return { user: await loadUser(ctx, await findUser(ctx, callerOf(ctx).username)), is_basic_auth: true };
  },

  async listUsers(_, ctx) {
    const users: User[] = [];
    const rows = await ctx.db.all<UserRow>(sql`select * from users order by username`);
    for (const row of rows) users.push(await loadUser(ctx, row));
    return { users };
  },

  async updateUserAdmin({ username, is_admin }, ctx) {
    const { id } = await findUser(ctx, username);
    await ctx.db.run(sql`update users set is_admin = ${is_admin ? 1 : 0} where id = ${id}`);
    if (!(await ctx.db.get(sql`select id from users where is_admin = 1 limit 1`))) {
      throw invalid('The last admin must stay one: make another user an admin first.');
    }
    return {};
  },

  async deleteUser({ username }, ctx) {
    if (username === callerOf(ctx).username) {
      throw new MltrackError(
        'BAD_REQUEST',
        'Users cannot delete their own account. Ask another admin to delete this user instead.',
      );
    }
    const { id } = await findUser(ctx, username);
    await ctx.db.run(sql`delete from users where id = ${id}`);
    return {};
  },
};

/** Who asks, where only a user can. */
export function callerOf({ caller }: StoreContext): Caller {
  if (!caller) throw notAuthenticated();
  return caller;
}

/** Throws RESOURCE_DOES_NOT_EXIST. */
export async function findUser(ctx: StoreContext, username: string): Promise<UserRow> {
  const row = await ctx.db.get<UserRow>(sql`select * from users where username = ${username}`);
  if (!row) throw missing(`User with username=${username} not found`);
  return row;
}

/** A name that Basic authentication can carry, on one line of a log. */
export function checkUsername(username: string): void {
  if (username === '') throw invalid('Username cannot be empty.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (username.length > LONGEST_NAME || /[:\u0000-\u001f\u007f]/.test(username)) {
    throw invalid(`A username has at most ${LONGEST_NAME} characters, no colon and no control characters.`);
  }
}

export async function loadUser(ctx: StoreContext, { id, username, is_admin }: UserRow): Promise<User> {
  const onExperiments = await ctx.db.all<{ experiment: number; permission: number }>(
    sql`select experiment, permission from experiment_permissions where user_id = ${id} order by experiment`,
  );
  const onModels = await ctx.db.all<{ name: string; permission: number }>(
    sql`select name, permission from registered_model_permissions where user_id = ${id} order by name`,
  );
  return {
    id,
    username,
    is_admin: is_admin === 1,
    experiment_permissions: onExperiments.map((row) => ({
      experiment_id: String(row.experiment),
      user_id: id,
      permission: permissionOf(row.permission),
    })),
    registered_model_permissions: onModels.map((row) => ({
      name: row.name,
      user_id: id,
      permission: permissionOf(row.permission),
    })),
    scorer_permissions: [],
  };
}

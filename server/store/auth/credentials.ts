/** What the front needs to know to see who sends a request, and what it has hashed. */
import type { Handlers } from '../../../api/endpoint.js';
import { MltrackError } from '../../../api/index.js';
import type { authCalls as table } from '../../auth/calls.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { checkUsername, findUser, loadUser, type UserRow } from './users.js';

export const credentials: Handlers<typeof table, StoreContext> = {
  async hasUsers(_, ctx) {
    return { has_users: (await ctx.db.get(sql`select id from users limit 1`)) !== undefined };
  },

  async addFirstAdmin({ username, password_hash }, ctx) {
    checkUsername(username);
    const added = await ctx.db.run(
      sql`insert into users (username, password_hash, is_admin) select ${username}, ${password_hash}, 1
          where not exists (select 1 from users) on conflict (username) do nothing`,
    );
    return { added: added > 0 };
  },

  async addUser({ username, password_hash }, ctx) {
    checkUsername(username);
    const row = await ctx.db.get<UserRow>(
      sql`insert into users (username, password_hash, is_admin) values (${username}, ${password_hash}, 0)
          on conflict (username) do nothing returning *`,
    );
    if (!row) {
      const message = `User (username=${username}) already exists. Error: the name is taken.`;
      throw new MltrackError('RESOURCE_ALREADY_EXISTS', message);
    }
    return { user: await loadUser(ctx, row) };
  },

  async changePassword({ username, password_hash }, ctx) {
    const { id } = await findUser(ctx, username);
    await ctx.db.run(sql`update users set password_hash = ${password_hash}, revision = revision + 1 where id = ${id}`);
    return {};
  },

  async findPassword({ username }, ctx) {
    const row = await ctx.db.get<UserRow>(sql`select * from users where username = ${username}`);
    if (!row) return {};
    const { id: user_id, revision, password_hash } = row;
    return { user_id, username, revision, password_hash };
  },

  async findToken({ hash }, ctx) {
    const row = await ctx.db.get<UserRow & { token_id: number }>(
      sql`select users.*, tokens.id as token_id from tokens join users on users.id = tokens.user_id
          where tokens.hash = ${hash} and (expiration_time is null or expiration_time > ${ctx.now()})`,
    );
    if (!row) return {};
    const { id: user_id, username, revision, token_id } = row;
    return { user_id, username, revision, token_id };
  },

  /** Its guard has answered. */
  async checkAccess() {
    return {};
  },
};

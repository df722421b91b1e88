/** Sessions of users' browsers, as the front keeps and finds them. */
import type { Handlers } from '../../../api/endpoint.js';
import type { sessionCalls as table } from '../../auth/calls.js';
import { notAuthenticated } from '../../auth/identity.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import type { UserRow } from './users.js';

/** Of one user; a new one ends the oldest. */
const MOST = 100;

export const sessions: Handlers<typeof table, StoreContext> = {
  async addSession({ user_id, revision, hash, expiration_time }, ctx) {
    const user = await ctx.db.get<UserRow>(sql`select * from users where id = ${user_id} and revision = ${revision}`);
    if (!user) throw notAuthenticated();
    await ctx.db.run(sql`delete from sessions where expiration_time <= ${ctx.now()}`);
    await ctx.db.run(
      sql`delete from sessions where user_id = ${user_id} and id not in
          (select id from sessions where user_id = ${user_id} order by id desc limit ${MOST - 1})`,
    );
    await ctx.db.run(
      sql`insert into sessions (user_id, hash, revision, creation_time, expiration_time)
          values (${user_id}, ${hash}, ${revision}, ${ctx.now()}, ${expiration_time})`,
    );
    return { is_admin: user.is_admin === 1 };
  },

  async findSession({ hash }, ctx) {
    const row = await ctx.db.get<UserRow & { session_id: number }>(
      sql`select users.*, sessions.id as session_id from sessions
          join users on users.id = sessions.user_id and users.revision = sessions.revision
          where sessions.hash = ${hash} and expiration_time > ${ctx.now()}`,
    );
    if (!row) return {};
    const { id: user_id, username, revision, session_id } = row;
    return { user_id, username, revision, session_id };
  },

  async extendSession({ session_id, expiration_time }, ctx) {
    await ctx.db.run(sql`update sessions set expiration_time = ${expiration_time} where id = ${session_id}`);
    return {};
  },

  async endSessions({ user_id, session_id }, ctx) {
    const which = session_id === undefined ? sql`` : sql`and id = ${session_id}`;
    await ctx.db.run(sql`delete from sessions where user_id = ${user_id} ${which}`);
    return {};
  },
};

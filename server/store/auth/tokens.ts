/** Tokens of users: only hashes are kept. */
import { randomBytes } from 'node:crypto';
import type { tokens as table } from '../../../api/auth/tokens.js';
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, missing, type Token } from '../../../api/index.js';
import { hashToken } from '../../auth/passwords.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { callerOf } from './users.js';

const LONGEST_NAME = 100;
const SECRET_BYTES = 32;

interface TokenRow {
  id: number;
  name: string;
  creation_time: number;
  expiration_time: number | null;
}

export const tokens: Handlers<typeof table, StoreContext> = {
  async createToken({ name, expiration_time }, ctx) {
    if (name.length > LONGEST_NAME) throw invalid(`The name of a token has at most ${LONGEST_NAME} characters.`);
    if (expiration_time !== undefined && expiration_time <= ctx.now()) {
      throw invalid('expiration_time must lie in the future.');
    }
    const secret = `mlt_${randomBytes(SECRET_BYTES).toString('base64url')}`;
    const row = (await ctx.db.get<TokenRow>(
      sql`insert into tokens (user_id, name, hash, creation_time, expiration_time)
          values (${callerOf(ctx).id}, ${name}, ${hashToken(secret)}, ${ctx.now()}, ${expiration_time ?? null}) returning *`,
    )) as TokenRow;
    return { token: shown(row), secret };
  },

  async listTokens(_, ctx) {
    const rows = await ctx.db.all<TokenRow>(sql`select * from tokens where user_id = ${callerOf(ctx).id} order by id`);
    return { tokens: rows.map(shown) };
  },

  async revokeToken({ token_id }, ctx) {
    const removed = await ctx.db.run(sql`delete from tokens where id = ${token_id} and user_id = ${callerOf(ctx).id}`);
    if (removed === 0) throw missing(`Token with id=${token_id} not found`);
    return {};
  },
};

const shown = ({ id, name, creation_time, expiration_time }: TokenRow): Token => ({
  token_id: id,
  name,
  creation_time,
  ...(expiration_time !== null && { expiration_time }),
});

/** Secrets of webhooks: encrypted in the database, as MLflow keeps them. */
import { sql } from '../../db/sql.js';
import { decrypt, encrypt, fernetKey, newFernetKey } from '../../webhooks/fernet.js';
import type { StoreContext } from '../context.js';

const OWN_KEY = 1;

/** The operator's key, or the one that the first secret without it made. */
async function keyOf(ctx: StoreContext): Promise<Buffer | undefined> {
  const given = ctx.settings.webhooks.encryptionKey;
  const text =
    given ?? (await ctx.db.get<{ key: string }>(sql`select key from webhook_keys where id = ${OWN_KEY}`))?.key;
  return text === undefined ? undefined : fernetKey(text);
}

export async function encryptSecret(ctx: StoreContext, secret: string): Promise<string> {
  let key = await keyOf(ctx);
  if (!key) {
    await ctx.db.run(
      sql`insert into webhook_keys (id, key) values (${OWN_KEY}, ${newFernetKey()}) on conflict (id) do nothing`,
    );
    key = (await keyOf(ctx)) as Buffer;
  }
  return encrypt(key, secret);
}

/** Nothing where the key is another than the secret was kept with: the receiver then sees an unsigned delivery, and refuses it. */
export async function secretOf(ctx: StoreContext, token: string | null): Promise<{ secret?: string }> {
  if (token === null) return {};
  const key = await keyOf(ctx);
  const secret = key && decrypt(key, token);
  return secret === undefined ? {} : { secret };
}

/** The one place where a request is authorised: in the store's transaction, after its message was parsed and before it is answered. */

import { permissions } from '../../api/auth/permissions.js';
import { tokens } from '../../api/auth/tokens.js';
import { users } from '../../api/auth/users.js';
import type { StoreRequest } from '../answer.js';
import { sql } from '../db/sql.js';
import type { StoreEndpointName } from '../endpoints.js';
import { grantExperiment, grantModel } from '../store/auth/permissions.js';
import type { StoreContext } from '../store/context.js';
import { Access, type Caller } from './access.js';
import { guards } from './guards.js';
import { notAuthenticated, type Person, withoutUsers } from './identity.js';

/** Of a server on which nobody signs in these are not there. */
const OF_USERS: ReadonlySet<string> = new Set(Object.keys({ ...users, ...permissions, ...tokens }));

/**
 * The context in which the caller's request is answered. Throws UNAUTHENTICATED when the identity does not hold any more,
 * PERMISSION_DENIED when the caller may not, ENDPOINT_NOT_FOUND for what only a server with users has.
 */
export async function authorised(
  { endpoint, identity }: Pick<StoreRequest, 'endpoint' | 'identity'>,
  message: unknown,
  context: StoreContext,
): Promise<StoreContext> {
  if (!context.settings.auth) {
    if (OF_USERS.has(endpoint)) throw withoutUsers();
    return context;
  }
  if (identity === 'server') return context;
  if (!identity) throw notAuthenticated();
  const caller = await callerOf(context, identity, context.settings.auth.defaultPermission);
  // The table's types pair each guard with its endpoint's message; here the endpoint is only known to be one of them.
  const guard = guards[endpoint] as (message: unknown, access: Access) => Promise<void> | void;
  if (!caller.isAdmin) await guard(message, new Access(context, caller));
  return { ...context, caller };
}

async function callerOf(
  { db, now }: StoreContext,
  { user, revision, token, session }: Person,
  defaultPermission: Caller['defaultPermission'],
): Promise<Caller> {
  const row = await db.get<{ username: string; is_admin: number; revision: number }>(
    sql`select username, is_admin, revision from users where id = ${user}`,
  );
  if (!row || (token === undefined && row.revision !== revision)) throw notAuthenticated();
  if (token !== undefined) {
    const valid = await db.get(
      sql`select id from tokens where id = ${token} and user_id = ${user}
          and (expiration_time is null or expiration_time > ${now()})`,
    );
    if (!valid) throw notAuthenticated();
  }
  if (session !== undefined) {
    const valid = await db.get(
      sql`select id from sessions where id = ${session} and user_id = ${user} and expiration_time > ${now()}`,
    );
    if (!valid) throw notAuthenticated();
  }
  return { id: user, username: row.username, isAdmin: row.is_admin === 1, defaultPermission };
}

/** Gives who has created something every permission on it. */
export async function grantCreated(
  endpoint: StoreEndpointName,
  message: unknown,
  answer: unknown,
  context: StoreContext,
): Promise<void> {
  if (!context.caller) return;
  if (endpoint === 'createExperiment') {
    await grantExperiment(context, context.caller.id, (answer as { experiment_id: string }).experiment_id);
  } else if (endpoint === 'createRegisteredModel') {
    await grantModel(context, context.caller.id, (message as { name: string }).name);
  }
}

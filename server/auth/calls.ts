/** What the front asks of the store about users: endpoints like those of the contract, but of no route. */

import { User } from '../../api/auth/users.js';
import { endpoint } from '../../api/endpoint.js';
import { Empty } from '../../api/scalars.js';
import { bool, enumeration, id, integer, message, one, required, string } from '../../api/schema.js';

/** What a permission lets its holder do. */
export const LEVEL = { read: 1, update: 2, delete: 3, manage: 4 } as const;
export type Level = keyof typeof LEVEL;

const withHash = { username: required(string()), password_hash: required(string()) };
const Credential = {
  user_id: integer(),
  username: string(),
  revision: integer(),
};

export const authCalls = {
  hasUsers: endpoint(
    'POST',
    'has-users',
    'read',
    'Whether anybody can sign in.',
    message('HasUsers', {}),
    message('HasUsersResponse', { has_users: required(bool()) }),
  ),
  addFirstAdmin: endpoint(
    'POST',
    'add-first-admin',
    'write',
    'Adds an admin where there is no user.',
    message('AddFirstAdmin', withHash),
    message('AddFirstAdminResponse', { added: required(bool()) }),
  ),
  addUser: endpoint(
    'POST',
    'add-user',
    'write',
    'createUser, with the password hashed.',
    message('AddUser', withHash),
    message('AddUserResponse', { user: required(one(User)) }),
  ),
  changePassword: endpoint(
    'POST',
    'change-password',
    'write',
    'updateUserPassword, with the password hashed.',
    message('ChangePassword', withHash),
    Empty,
  ),
  findPassword: endpoint(
    'POST',
    'find-password',
    'read',
    'The hash of a user’s password; nothing for a user that is not there.',
    message('FindPassword', { username: required(string()) }),
    message('FindPasswordResponse', { ...Credential, password_hash: string() }),
  ),
  findToken: endpoint(
    'POST',
    'find-token',
    'read',
    'Whose token this is, by its hash; nothing for one that is not there or has expired.',
    message('FindToken', { hash: required(string()) }),
    message('FindTokenResponse', { ...Credential, token_id: integer() }),
  ),
  checkAccess: endpoint(
    'POST',
    'check-access',
    'read',
    'Whether the caller may do this with what a route of no table leads to; without any of the fields, only admins may.',
    message('CheckAccess', {
      level: required(enumeration(LEVEL)),
      experiment_id: id(),
      run_id: id(),
      model_id: id(),
      model_name: string(),
      trace_id: id(),
    }),
    Empty,
  ),
};

export const sessionCalls = {
  addSession: endpoint(
    'POST',
    'add-session',
    'write',
    'Keeps a session; UNAUTHENTICATED when the password is another by now.',
    message('AddSession', {
      user_id: required(integer()),
      revision: required(integer()),
      hash: required(string()),
      expiration_time: required(integer('ms since the epoch')),
    }),
    message('AddSessionResponse', { is_admin: required(bool()) }),
  ),
  findSession: endpoint(
    'POST',
    'find-session',
    'read',
    'Whose session this is, by its hash; nothing for one that does not hold.',
    message('FindSession', { hash: required(string()) }),
    message('FindSessionResponse', { ...Credential, session_id: integer() }),
  ),
  extendSession: endpoint(
    'POST',
    'extend-session',
    'write',
    'Lets a session last longer.',
    message('ExtendSession', {
      session_id: required(integer()),
      expiration_time: required(integer('ms since the epoch')),
    }),
    Empty,
  ),
  endSessions: endpoint(
    'POST',
    'end-sessions',
    'write',
    'Ends one session of a user, or all.',
    message('EndSessions', { user_id: required(integer()), session_id: integer() }),
    Empty,
  ),
};

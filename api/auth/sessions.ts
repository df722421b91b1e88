/** Sign-ins of browsers, each kept in a cookie that scripts cannot read. No part of MLflow's protocol; other clients send a password or a token with every request. */
import { endpoint } from '../endpoint.js';
import { Empty } from '../scalars.js';
import { bool, message, required, string } from '../schema.js';

export const sessions = {
  createSession: endpoint(
    'POST',
    '/2.0/mltrack/session/create',
    'write',
    'Signs a browser in: the answer sets a cookie, which lasts 30 days from the last time that getSession was asked.',
    message('CreateSession', { username: required(string()), password: required(string()) }),
    message('CreateSessionResponse', { username: required(string()), is_admin: required(bool()) }),
  ),
  getSession: endpoint(
    'GET',
    '/2.0/mltrack/session/get',
    'read',
    'Who asks. Needs no sign-in, and prolongs the session of who has one.',
    message('GetSession', {}),
    message('GetSessionResponse', {
      auth_enabled: required(bool('whether users sign in on this server')),
      username: string('absent when nobody has signed in'),
      is_admin: bool(),
      is_session: bool('whether it is a session, which deleteSession can end'),
    }),
  ),
  deleteSession: endpoint(
    'DELETE',
    '/2.0/mltrack/session/delete',
    'write',
    'Signs the browser out. A cookie counts for what changes something only beside the header `X-Requested-With`, which other sites cannot send.',
    message('DeleteSession', { everywhere: bool('the user’s sessions in other browsers too') }),
    Empty,
  ),
};

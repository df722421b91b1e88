/** Tokens that scripts send in place of a password (`Authorization: Bearer mlt_…`): no part of MLflow's protocol, but its clients send them. */
import { endpoint } from '../endpoint.js';
import { Empty } from '../scalars.js';
import { integer, listOf, message, type Output, one, required, string } from '../schema.js';

export const Token = message('Token', {
  token_id: required(integer()),
  name: required(string()),
  creation_time: required(integer('ms since the epoch')),
  expiration_time: integer('ms since the epoch; absent when it does not expire'),
});
export type Token = Output<typeof Token>;

export const tokens = {
  createToken: endpoint(
    'POST',
    '/2.0/mltrack/tokens/create',
    'write',
    'Creates a token of the caller. Its secret is in this answer and nowhere else.',
    message('CreateToken', {
      name: required(string('1 to 100 characters')),
      expiration_time: integer('ms since the epoch; default never'),
    }),
    message('CreateTokenResponse', { token: required(one(Token)), secret: required(string()) }),
  ),
  listTokens: endpoint(
    'GET',
    '/2.0/mltrack/tokens/list',
    'read',
    'The caller’s tokens.',
    message('ListTokens', {}),
    message('ListTokensResponse', { tokens: listOf(Token) }),
  ),
  revokeToken: endpoint(
    'DELETE',
    '/2.0/mltrack/tokens/revoke',
    'write',
    'Ends a token of the caller at once.',
    message('RevokeToken', { token_id: required(integer()) }),
    Empty,
  ),
};

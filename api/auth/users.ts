/** Users of a server with authentication, and who the caller is. Source: `mlflow/server/auth/__init__.py`. */
import { endpoint } from '../endpoint.js';
import { Empty } from '../scalars.js';
import { bool, integer, list, listOf, message, type Output, one, required, string } from '../schema.js';
import { ExperimentPermission, RegisteredModelPermission } from './permission-types.js';

export const User = message('User', {
  id: required(integer()),
  username: required(string()),
  is_admin: required(bool()),
  experiment_permissions: listOf(ExperimentPermission),
  registered_model_permissions: listOf(RegisteredModelPermission),
  scorer_permissions: list(string(), 'always empty'),
});
export type User = Output<typeof User>;

const Username = message('Username', { username: required(string()) });
const UserResponse = message('UserResponse', { user: required(one(User)) });
const password = () => required(string('at least 12 characters'));

export const users = {
  createUser: endpoint(
    'POST',
    '/2.0/mlflow/users/create',
    'write',
    'Creates a user who is no admin. For admins.',
    message('CreateUser', { username: required(string('without colons')), password: password() }),
    UserResponse,
  ),
  getUser: endpoint(
    'GET',
    '/2.0/mlflow/users/get',
    'read',
    'A user. For that user and admins.',
    Username,
    UserResponse,
  ),
  getCurrentUser: endpoint(
    'GET',
    '/2.0/mlflow/users/current',
    'read',
    'The user that sent the request.',
    message('GetCurrentUser', {}),
    message('GetCurrentUserResponse', { user: required(one(User)), is_basic_auth: required(bool()) }),
  ),
  listUsers: endpoint(
    'GET',
    '/2.0/mlflow/users/list',
    'read',
    'All users by name. For admins.',
    message('ListUsers', {}),
    message('ListUsersResponse', { users: listOf(User) }),
  ),
  updateUserPassword: endpoint(
    'PATCH',
    '/2.0/mlflow/users/update-password',
    'write',
    'Sets a password. For that user, who gives the current one too, and admins.',
    message('UpdateUserPassword', {
      username: required(string()),
      password: password(),
      current_password: string('needed to change one’s own'),
    }),
    Empty,
  ),
  updateUserAdmin: endpoint(
    'PATCH',
    '/2.0/mlflow/users/update-admin',
    'write',
    'Makes a user an admin, or no longer. For admins.',
    message('UpdateUserAdmin', { username: required(string()), is_admin: required(bool()) }),
    Empty,
  ),
  deleteUser: endpoint(
    'DELETE',
    '/2.0/mlflow/users/delete',
    'write',
    'Removes another user with all permissions and tokens. For admins.',
    Username,
    Empty,
  ),
};

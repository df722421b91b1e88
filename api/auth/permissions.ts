/**
 * Permissions of users on experiments and registered models. Who may MANAGE a resource gives them. Sources: MLflow's auth API
 * (`…/permissions/create` and the like), and `grant_user_permission` of newer clients.
 */
import { endpoint, type Method } from '../endpoint.js';
import { Empty } from '../scalars.js';
import { bool, id, message, one, required, string } from '../schema.js';
import { ExperimentPermission, permission, RegisteredModelPermission } from './permission-types.js';

const ofExperiment = { experiment_id: required(id()), username: required(string()) };
const ofModel = { name: required(string()), username: required(string()) };
const ofResource = {
  username: required(string()),
  resource_type: required(string('experiment or registered_model')),
  resource_id: required(id('the experiment’s id or the model’s name')),
};
const given = { permission: required(permission()) };
const ExperimentAnswer = message('ExperimentPermissionResponse', {
  experiment_permission: required(one(ExperimentPermission)),
});
const ModelAnswer = message('RegisteredModelPermissionResponse', {
  registered_model_permission: required(one(RegisteredModelPermission)),
});

const write = (method: Method, path: string) => [method, `/2.0/mlflow/${path}`, 'write'] as const;
const read = (path: string) => ['GET', `/2.0/mlflow/${path}`, 'read'] as const;

export const permissions = {
  createExperimentPermission: endpoint(
    ...write('POST', 'experiments/permissions/create'),
    'Gives a user a first permission on an experiment.',
    message('CreateExperimentPermission', { ...ofExperiment, ...given }),
    ExperimentAnswer,
  ),
  getExperimentPermission: endpoint(
    ...read('experiments/permissions/get'),
    'A user’s own permission on an experiment.',
    message('GetExperimentPermission', ofExperiment),
    ExperimentAnswer,
  ),
  updateExperimentPermission: endpoint(
    ...write('PATCH', 'experiments/permissions/update'),
    'Changes a user’s permission on an experiment.',
    message('UpdateExperimentPermission', { ...ofExperiment, ...given }),
    Empty,
  ),
  deleteExperimentPermission: endpoint(
    ...write('DELETE', 'experiments/permissions/delete'),
    'Takes a user’s permission on an experiment back: the server’s default holds.',
    message('DeleteExperimentPermission', ofExperiment),
    Empty,
  ),
  createRegisteredModelPermission: endpoint(
    ...write('POST', 'registered-models/permissions/create'),
    'Gives a user a first permission on a registered model.',
    message('CreateRegisteredModelPermission', { ...ofModel, ...given }),
    ModelAnswer,
  ),
  getRegisteredModelPermission: endpoint(
    ...read('registered-models/permissions/get'),
    'A user’s own permission on a registered model.',
    message('GetRegisteredModelPermission', ofModel),
    ModelAnswer,
  ),
  updateRegisteredModelPermission: endpoint(
    ...write('PATCH', 'registered-models/permissions/update'),
    'Changes a user’s permission on a registered model.',
    message('UpdateRegisteredModelPermission', { ...ofModel, ...given }),
    Empty,
  ),
  deleteRegisteredModelPermission: endpoint(
    ...write('DELETE', 'registered-models/permissions/delete'),
    'Takes a user’s permission on a registered model back: the server’s default holds.',
    message('DeleteRegisteredModelPermission', ofModel),
    Empty,
  ),
  grantUserPermission: endpoint(
    'POST',
    '/3.0/mlflow/users/permissions/grant',
    'write',
    'Sets a user’s permission on a resource.',
    message('GrantUserPermission', { ...ofResource, ...given }),
    Empty,
  ),
  revokeUserPermission: endpoint(
    'POST',
    '/3.0/mlflow/users/permissions/revoke',
    'write',
    'Takes a user’s permission on a resource back.',
    message('RevokeUserPermission', ofResource),
    Empty,
  ),
  getUserPermission: endpoint(
    'GET',
    '/3.0/mlflow/users/permissions/get',
    'read',
    'The permission that holds for a user on a resource, the server’s default included.',
    message('GetUserPermission', ofResource),
    message('GetUserPermissionResponse', { allowed: required(bool('USE or more')), permission: required(string()) }),
  ),
};

/** What a user may do, as it is shown with the user and by itself. */
import { enumeration, id, integer, message, required, string } from '../schema.js';

/** Each includes the ones before it. USE is READ for all that this server has. Source: `mlflow/server/auth/permissions.py`. */
export const PERMISSION = { NO_PERMISSIONS: 0, READ: 1, USE: 2, EDIT: 3, MANAGE: 4 } as const;
export type Permission = keyof typeof PERMISSION;

export const permission = () => enumeration(PERMISSION, 'MANAGE includes EDIT, EDIT includes READ');

export const ExperimentPermission = message('ExperimentPermission', {
  experiment_id: required(id()),
  user_id: required(integer()),
  permission: required(permission()),
});

export const RegisteredModelPermission = message('RegisteredModelPermission', {
  name: required(string()),
  user_id: required(integer()),
  permission: required(permission()),
});

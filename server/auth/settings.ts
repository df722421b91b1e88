/** Settings of authentication: MLflow's `basic_auth.ini` (MLFLOW_AUTH_CONFIG_PATH) and environment. Source: `mlflow/server/auth/config.py`. */
import { readFileSync } from 'node:fs';
import { PERMISSION, type Permission } from '../../api/index.js';

export interface AuthSettings {
  /** What users may do with what they have no permission of their own on. */
  readonly defaultPermission: Permission;
  /** Of the admin that the first start makes. */
  readonly adminUsername: string;
  /** Without one the first start makes one up, and says it once. */
  readonly adminPassword: string | undefined;
}

/** What older versions of MLflow gave every server. */
const KNOWN_TO_ALL = 'password1234';
const SHORTEST = 12;

/** `storeUri` is the tracking store's, where users are kept too. Throws Error with a message for the user. */
export function authSettings(env: NodeJS.ProcessEnv, storeUri: string): AuthSettings {
  const path = env.MLFLOW_AUTH_CONFIG_PATH;
  const ini = path ? readIni(path) : {};
  const { default_permission: permission = 'READ', database_uri: database, authorization_function: hook } = ini;
  if (!isPermission(permission)) {
    throw new Error(
      `default_permission of ${path} must be one of ${Object.keys(PERMISSION).join(', ')}, not '${permission}'.`,
    );
  }
  if (database && database !== storeUri) {
    throw new Error(
      `database_uri of ${path} is ${database}, but users are kept in the tracking store: remove the line, or set it to ${storeUri}.`,
    );
  }
  if (hook && hook !== 'mlflow.server.auth:authenticate_request_basic_auth') {
    throw new Error(`authorization_function of ${path} is Python, which cannot run here: remove the line.`);
  }
  const password = env.MLTRACK_ADMIN_PASSWORD ?? env.MLFLOW_AUTH_ADMIN_PASSWORD ?? ini.admin_password;
  if (password && password.length < SHORTEST) {
    throw new Error(`The admin's password (MLTRACK_ADMIN_PASSWORD or admin_password) needs ${SHORTEST} characters.`);
  }
  if (password === KNOWN_TO_ALL) {
    throw new Error(`The admin's password is the one that older versions of MLflow gave everybody: choose another.`);
  }
  return {
    defaultPermission: permission,
    adminUsername: env.MLFLOW_AUTH_ADMIN_USERNAME || ini.admin_username || 'admin',
    adminPassword: password || undefined,
  };
}

const isPermission = (text: string): text is Permission => Object.hasOwn(PERMISSION, text);

/** The section [mlflow], as Python's configparser reads it: `key = value` or `key: value`, comments on lines of their own. */
function readIni(path: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`Cannot read MLFLOW_AUTH_CONFIG_PATH: ${(error as Error).message}.`);
  }
  const found: Record<string, string> = {};
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;].*)?$/.test(line)) continue;
    const [, name] = /^\s*\[([^\]]+)\]/.exec(line) ?? [];
    if (name !== undefined) section = name;
    const [, key, value] = /^\s*([\w-]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === 'mlflow' && key !== undefined && value) found[key.toLowerCase()] = value;
  }
  return found;
}

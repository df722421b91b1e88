/** What the operator says about webhooks, through MLflow's environment variables. */
import { fernetKey } from './fernet.js';

export interface WebhookSettings {
  /** URL schemes that a webhook may have. */
  readonly schemes: readonly string[];
  /** Whether addresses that are not public may be reached. */
  readonly allowPrivate: boolean;
  /** Encrypts secrets: url-safe base64 of 32 bytes. Without one the store makes its own, and keeps it beside them. */
  readonly encryptionKey: string | undefined;
  /** After the first try. */
  readonly maxRetries: number;
  /** How long one try may take, in ms. */
  readonly timeout: number;
  /** How long a server with others on its database may go by the webhooks that it knew, in ms. */
  readonly cacheTime: number;
  /** Deliveries at a time. */
  readonly workers: number;
}

/** Throws an Error whose message names the variable and what it must be. */
export function webhookSettings(env: Readonly<Record<string, string | undefined>>): WebhookSettings {
  const encryptionKey = env.MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY || undefined;
  if (encryptionKey !== undefined && !fernetKey(encryptionKey)) {
    throw new Error('MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY must be a Fernet key: 32 bytes in url-safe base64.');
  }
  const whole = (name: string, fallback: number, least: number) => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > 1_000_000) {
      throw new Error(`${name} must be a whole number from ${least} on, not '${text}'.`);
    }
    return value;
  };
  return {
    schemes: (env.MLFLOW_WEBHOOK_ALLOWED_SCHEMES || 'https').split(',').map((scheme) => scheme.trim()),
    allowPrivate: ['true', '1'].includes((env.MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS ?? '').toLowerCase()),
    encryptionKey,
    maxRetries: whole('MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES', 3, 0),
    timeout: whole('MLFLOW_WEBHOOK_REQUEST_TIMEOUT', 30, 1) * 1000,
    cacheTime: whole('MLFLOW_WEBHOOK_CACHE_TTL', 60, 0) * 1000,
    workers: whole('MLFLOW_WEBHOOK_DELIVERY_MAX_WORKERS', 10, 1),
  };
}

/** Settings of trying models: how many at a time, and when an idle one's process ends. */

export interface TrySettings {
  /** Processes at a time; 0 where no model may be tried. */
  readonly models: number;
  /** ms. */
  readonly idle: number;
}

/** Throws Error with a message for the user. */
export function trySettings(env: NodeJS.ProcessEnv): TrySettings {
  return {
    models: numberOf(env, 'MLTRACK_TRY_MODELS', 2, 0, 64),
    idle: numberOf(env, 'MLTRACK_TRY_IDLE', 300, 1, 86_400) * 1000,
  };
}

function numberOf(env: NodeJS.ProcessEnv, name: string, otherwise: number, least: number, most: number): number {
  const text = env[name]?.trim();
  if (!text) return otherwise;
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`${name} must be a whole number from ${least} to ${most}, not '${text}'.`);
}

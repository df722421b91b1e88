/** How long what clients send may be where the operator has a say, through MLflow's environment variables. */

export interface LengthRules {
  /** Whether a param or tag that is too long is cut rather than refused: MLFLOW_TRUNCATE_LONG_VALUES. */
  readonly truncate: boolean;
  /** Characters of an experiment's artifact location: MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH. */
  readonly artifactLocation: number;
}

/** Throws an Error whose message names the variable and what it must be. */
export function lengthRules(env: Readonly<Record<string, string | undefined>>): LengthRules {
  const truncate = (env.MLFLOW_TRUNCATE_LONG_VALUES || 'true').toLowerCase();
  if (!['true', 'false', '1', '0'].includes(truncate)) {
    throw new Error(`MLFLOW_TRUNCATE_LONG_VALUES must be one of true, false, 1 and 0, not '${truncate}'.`);
  }
  const length = Number(env.MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH || 2048);
  if (!Number.isInteger(length) || length < 1) {
    throw new Error(
      `MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH must be a whole number from 1 on, not '${env.MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH}'.`,
    );
  }
  return { truncate: truncate === 'true' || truncate === '1', artifactLocation: length };
}

/** What the environment says where no option does: SageMaker's variables, then those of MLflow's scoring server. */

interface NumberVariable {
  /** The first that is set, and not empty, counts. */
  readonly names: readonly string[];
  readonly accepts: (value: number) => boolean;
  readonly expected: string;
}

const COUNT = {
  accepts: (value: number) => Number.isInteger(value) && value > 0,
  expected: 'a whole number above 0',
};
const POSITIVE = {
  accepts: (value: number) => value > 0 && value < Number.POSITIVE_INFINITY,
  expected: 'a positive number',
};

const NUMBERS = {
  port: {
    names: ['SAGEMAKER_BIND_TO_PORT'],
    accepts: (value: number) => Number.isInteger(value) && value > 0 && value < 65536,
    expected: 'a port, 1 to 65535',
  },
  /** Seconds. */
  timeout: { names: ['SAGEMAKER_MODEL_SERVER_TIMEOUT', 'MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT'], ...POSITIVE },
  workers: { names: ['SAGEMAKER_MODEL_SERVER_WORKERS', 'MODEL_SERVER_WORKERS', 'MLFLOW_MODELS_WORKERS'], ...COUNT },
  /** MiB. */
  maxPayload: { names: ['SAGEMAKER_MAX_PAYLOAD_IN_MB'], ...POSITIVE },
} satisfies Record<string, NumberVariable>;

/** Throws an Error that names the variable when its value is no such number. */
export function numberFrom(environment: NodeJS.ProcessEnv, setting: keyof typeof NUMBERS): number | undefined {
  const { names, accepts, expected }: NumberVariable = NUMBERS[setting];
  const name = names.find((each) => environment[each]);
  if (name === undefined) return undefined;
  const value = Number(environment[name]);
  if (accepts(value)) return value;
  throw new Error(`${name} is '${environment[name]}': it must be ${expected}`);
}

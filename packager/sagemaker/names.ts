/** Names of what a deployment creates. Source: `_get_sagemaker_model_name` and its neighbours in `mlflow/sagemaker/__init__.py`. */
import { randomBytes } from 'node:crypto';

/** SageMaker's longest name. */
const LIMIT = 63;
const CUT = '---';

/** `APP-model-HEX` or `APP-config-HEX`, at most 63 characters, cut in the middle. */
export function resourceName(app: string, kind: 'model' | 'config'): string {
  const name = `${app}-${kind}-${randomBytes(10).toString('hex')}`;
  if (name.length <= LIMIT) return name;
  const half = (LIMIT - CUT.length) / 2;
  return name.slice(0, half) + CUT + name.slice(-half);
}

/** Throws an Error that says what is expected when SageMaker would not take the name. */
export function checkName(name: string, flag: string): void {
  if (name.length <= LIMIT && /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/.test(name)) return;
  throw new Error(
    `${flag} is '${name}': it must be 1 to ${LIMIT} letters, digits and hyphens, and begin and end with no hyphen`,
  );
}

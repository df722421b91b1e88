/** The role that SageMaker takes to read the model and the image. */
import type { Aws } from './clients.js';

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** `given`, else the role that the caller has assumed, as MLflow does. Throws an Error of one line when there is none. */
export async function executionRole(aws: Aws, given: string | undefined): Promise<string> {
  if (given !== undefined) {
    if (ROLE.test(given)) return given;
    throw new Error(`The execution role '${given}' must be the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME`);
  }
  const { arn } = await aws.caller();
  const name = /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  if (name === undefined) {
    throw new Error(`Give --execution-role-arn, the role that SageMaker takes: the caller ${arn} is no role itself`);
  }
  const { Role } = await aws.iam.getRole({ RoleName: name });
  if (!Role?.Arn) throw new Error(`IAM does not say the ARN of the role ${name}: give --execution-role-arn`);
  return Role.Arn;
}

/** What the AWS SDK throws, said in one line that names the call, and what its errors mean. */

/** Set on an error once it has been explained: credentials are found by calls within calls. */
const EXPLAINED = Symbol('explained');

interface AwsFailure extends Error {
  code?: string;
  /** The body's error code, where the SDK knows no class for it. */
  Code?: string;
  $metadata?: { httpStatusCode?: number };
  [EXPLAINED]?: true;
}

const NETWORK = /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;

/** The same error with a message of one line. An aborted call's error stays as it is. */
export function explained(error: Error, service: string, call: string): Error {
  const failure = error as AwsFailure;
  if (failure[EXPLAINED] || error.name === 'AbortError') return error;
  failure[EXPLAINED] = true;
  failure.message = messageOf(failure, service, call).replace(/\s+/g, ' ');
  return failure;
}

function messageOf(error: AwsFailure, service: string, call: string): string {
  if (error.name === 'CredentialsProviderError') {
    return 'No AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role gives them';
  }
  if (NETWORK.test(error.code ?? '')) return `Cannot reach ${service} for ${call}: ${error.message || error.code}`;
  if (error.name === 'SyntaxError') return `${service} answered ${call} with something that is not JSON`;
  // A HEAD has no body to say more.
  const said = error.message && error.message !== 'UnknownError' ? error.message : 'no reason given';
  return `${service} refused ${call} (${nameOf(error)}): ${said}`;
}

const nameOf = (error: AwsFailure) =>
  error.name === 'Unknown' || error.name === 'Error' ? (error.$metadata?.httpStatusCode ?? error.name) : error.name;

export const statusOf = (error: unknown) => (error as AwsFailure).$metadata?.httpStatusCode;

/** SageMaker says that a thing is not there by the text of a ValidationException. */
export function isMissing(error: unknown): boolean {
  const { name, message } = error as Error;
  if (/NotFound|^NoSuch/.test(name) || statusOf(error) === 404) return true;
  return name === 'ValidationException' && /could not find|does not exist|not found/i.test(message);
}

export const isDenied = ({ name }: Error) => /^AccessDenied/.test(name);

/** Worth asking again later: too many calls, a server's fault, or the network. */
export function isPassing(error: unknown): boolean {
  const { name, code } = error as AwsFailure;
  return /throttl|TooManyRequests|timeout/i.test(name) || (statusOf(error) ?? 0) >= 500 || NETWORK.test(code ?? '');
}

/** MLflow's error codes and their HTTP statuses, both directions, and the one error class of server and clients. */

/** Source: `ERROR_CODE_TO_HTTP_STATUS` in `mlflow/exceptions.py`. RESOURCE_ALREADY_EXISTS is 400 and INVALID_STATE 500 there. */
export const STATUS_OF_ERROR = {
  BAD_REQUEST: 400,
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  CUSTOMER_UNAUTHORIZED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  NOT_FOUND: 404,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_CONFLICT: 409,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  REQUEST_TOO_LARGE: 413,
  RESOURCE_EXHAUSTED: 429,
  REQUEST_LIMIT_EXCEEDED: 429,
  CANCELLED: 499,
  INTERNAL_ERROR: 500,
  INVALID_STATE: 500,
  DATA_LOSS: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;

export type ErrorCode = keyof typeof STATUS_OF_ERROR;

/** The body of every non-200 JSON answer. */
export interface ErrorBody {
  error_code: ErrorCode;
  message: string;
}

/** An error of the protocol: thrown by the store, sent as `{error_code, message}`, rebuilt by the client. */
export class MltrackError extends Error {
  override readonly name = 'MltrackError';
  readonly code: ErrorCode;
  /** Seconds to wait before another try, where the answer named them. */
  retryAfter?: number;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return STATUS_OF_ERROR[this.code];
  }

  body(): ErrorBody {
    return { error_code: this.code, message: this.message };
  }
}

/** The code for an HTTP status whose body names none (a proxy's answer, say). */
export function errorCodeOfStatus(status: number): ErrorCode {
  const preferred: Partial<Record<number, ErrorCode>> = {
    400: 'BAD_REQUEST',
    401: 'UNAUTHENTICATED',
    404: 'NOT_FOUND',
    408: 'DEADLINE_EXCEEDED',
    409: 'RESOURCE_CONFLICT',
    429: 'RESOURCE_EXHAUSTED',
    500: 'INTERNAL_ERROR',
  };
  const known = preferred[status];
  if (known) return known;
  const found = Object.entries(STATUS_OF_ERROR).find(([, value]) => value === status);
  if (found) return found[0] as ErrorCode;
  return status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR';
}

export const invalid = (message: string) => new MltrackError('INVALID_PARAMETER_VALUE', message);
export const missing = (message: string) => new MltrackError('RESOURCE_DOES_NOT_EXIST', message);

/**
 * SageMaker's endpoints for a test, as strict as the real ones: moto has them at once in service, knows no UpdateEndpoint and
 * checks no name. An endpoint is busy for as many looks as the test says, and then serves, fails, or goes back.
 */

export type Json = Record<string, unknown>;

/** What a call answers: SageMaker's JSON, or its refusal. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export const invalid = (message: string) => new Refusal('ValidationException', message);

/** How the next creation or update ends. */
export type Outcome = 'InService' | 'Failed' | 'rolled back';

interface Endpoint {
  status: string;
  config: string;
  reason: string | undefined;
  /** Looks until it is not busy any more. */
  busy: number;
  over: () => void;
  readonly created: number;
}

export interface Endpoints {
  /** Looks that a change takes. */
  looks: number;
  outcome: Outcome;
  /** What a container that fails has written. */
  reason: string;
  call(name: string, body: Json): Json;
  names(): string[];
  /** Whether some endpoint has, or is getting, the configuration. */
  uses(config: string): boolean;
  clear(): void;
}

export const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

export function requireName(value: unknown, field: string): string {
  if (typeof value === 'string' && NAME.test(value)) return value;
  throw invalid(
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: ${NAME.source}`,
  );
}

const BUSY = new Set(['Creating', 'Updating', 'RollingBack', 'Deleting']);

export function createEndpoints(): Endpoints {
  const endpoints = new Map<string, Endpoint>();
  const wanted = new Map<string, string>();
  const arn = (name: string) => `arn:aws:sagemaker:eu-west-1:123456789012:endpoint/${name}`;
  const find = (body: Json) => {
    const name = requireName(body.EndpointName, 'endpointName');
    const endpoint = endpoints.get(name);
    if (!endpoint) throw invalid(`Could not find endpoint "${arn(name)}".`);
    return { name, endpoint };
  };
  const settle = (endpoint: Endpoint, status: string, reason?: string) => {
    endpoint.status = status;
    endpoint.reason = reason;
  };

  const calls: Record<string, (body: Json) => Json> = {
    CreateEndpoint(body) {
      const name = requireName(body.EndpointName, 'endpointName');
      if (endpoints.has(name)) throw invalid(`Cannot create already existing endpoint "${arn(name)}".`);
      const failed = state.outcome !== 'InService';
      const endpoint: Endpoint = {
        status: 'Creating',
        config: body.EndpointConfigName as string,
        reason: undefined,
        busy: state.looks,
        over: () => settle(endpoint, failed ? 'Failed' : 'InService', failed ? state.reason : undefined),
        created: Date.now() / 1000,
      };
      endpoints.set(name, endpoint);
      return { EndpointArn: arn(name) };
    },

    UpdateEndpoint(body) {
      const { name, endpoint } = find(body);
      if (BUSY.has(endpoint.status)) throw invalid(`Cannot update in-progress endpoint "${arn(name)}".`);
      const config = body.EndpointConfigName as string;
      const { outcome, reason } = state;
      wanted.set(name, config);
      endpoint.status = 'Updating';
      endpoint.busy = state.looks;
      endpoint.over = () => {
        wanted.delete(name);
        if (outcome !== 'rolled back') endpoint.config = config;
        settle(endpoint, outcome === 'Failed' ? 'Failed' : 'InService', outcome === 'InService' ? undefined : reason);
      };
      return { EndpointArn: arn(name) };
    },

    DescribeEndpoint(body) {
      const { name, endpoint } = find(body);
      if (BUSY.has(endpoint.status) && endpoint.busy-- <= 0) endpoint.over();
      find(body);
      return {
        EndpointName: name,
        EndpointArn: arn(name),
        EndpointConfigName: endpoint.config,
        EndpointStatus: endpoint.status,
        ...(endpoint.reason !== undefined && { FailureReason: endpoint.reason }),
        CreationTime: endpoint.created,
        LastModifiedTime: Date.now() / 1000,
      };
    },

    DeleteEndpoint(body) {
      const { name, endpoint } = find(body);
      if (BUSY.has(endpoint.status)) throw invalid(`Cannot update in-progress endpoint "${arn(name)}".`);
      endpoint.status = 'Deleting';
      endpoint.busy = state.looks;
      endpoint.over = () => endpoints.delete(name);
      return {};
    },

    ListEndpoints({ NextToken }) {
      // One a page, so that the pages are asked for.
      const all = [...endpoints].sort(([a], [b]) => (a < b ? -1 : 1));
      const at = Number(NextToken ?? 0);
      const page = all.slice(at, at + 1).map(([name, { status, created }]) => ({
        EndpointName: name,
        EndpointArn: arn(name),
        EndpointStatus: status,
        CreationTime: created,
        LastModifiedTime: created,
      }));
      return { Endpoints: page, ...(at + 1 < all.length && { NextToken: String(at + 1) }) };
    },
  };

  const state: Endpoints = {
    looks: 1,
    outcome: 'InService',
    reason: 'The primary container for production variant did not pass the ping health check.',
    call: (name, body) => (calls[name] as (body: Json) => Json)(body),
    names: () => [...endpoints.keys()],
    uses: (config) =>
      [...endpoints.values()].some((each) => each.config === config) || [...wanted.values()].includes(config),
    clear() {
      endpoints.clear();
      wanted.clear();
      Object.assign(state, { looks: 1, outcome: 'InService' });
    },
  };
  return state;
}

export const ENDPOINT_CALLS = [
  'CreateEndpoint',
  'UpdateEndpoint',
  'DescribeEndpoint',
  'DeleteEndpoint',
  'ListEndpoints',
];

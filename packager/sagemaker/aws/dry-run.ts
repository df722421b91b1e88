/**
 * A command without its consequences: each call is written down instead of made. Where there are credentials, looks at the
 * account are made, so that the calls after them are the real ones; where there are none, the account is taken to be empty
 * but for the endpoint that the command is about, and what an answer would say is a placeholder: `<account>`.
 */
import { Readable } from 'node:stream';

export interface PlannedCall {
  /** `SageMaker`, `S3`, `ECR`, `STS`, `IAM`; `Registry` and `Tracking` for what goes to the registry and the tracking server. */
  readonly service: string;
  /** As AWS names it: `CreateModel`. */
  readonly operation: string;
  /** What the call says, with bodies as `<12 bytes>`. */
  readonly input: unknown;
}

export interface DryRun {
  /** Is told each call that the command would make, in their order. */
  record(call: PlannedCall): void;
}

export interface DryRunSetup {
  readonly region: string;
  /** Whether looks are made. */
  readonly hasCredentials: () => Promise<boolean>;
  /** What is taken for granted without credentials. */
  readonly endpointExists: boolean;
}

type Input = Readonly<Record<string, unknown>>;
type Answer = (input: Input) => unknown;

/** Instead of a client's `send`: writes the call down, and makes it by `ask` if it is a look that can be made. */
export type Rehearse = (
  service: string,
  operation: string,
  input: Input,
  ask: () => Promise<unknown>,
) => Promise<unknown>;

const LOOK = /^(Describe|List|Head|Get(?!AuthorizationToken)|AssumeRole)/;

export function rehearsal({ record }: DryRun, { region, hasCredentials, endpointExists }: DryRunSetup): Rehearse {
  /** What the calls so far would have made of endpoints; undefined: gone. */
  const endpoints = new Map<unknown, object | undefined>();
  const answers = { ...LOOKS, ...changes(endpoints, region) };
  const endpoint = ({ EndpointName }: Input) => {
    if (!endpoints.has(EndpointName) && endpointExists) return inService(EndpointName, '<endpoint-config>');
    return endpoints.get(EndpointName) ?? missing('ResourceNotFound');
  };
  return async (service, operation, input, ask) => {
    record({ service, operation, input: shown(input) });
    if (operation === 'DescribeEndpoint' && endpoints.has(input.EndpointName)) return endpoint(input);
    if (LOOK.test(operation) && (await hasCredentials())) return ask();
    return operation === 'DescribeEndpoint' ? endpoint(input) : (answers[operation]?.(input) ?? {});
  };
}

const inService = (EndpointName: unknown, EndpointConfigName: unknown) => ({
  EndpointName,
  EndpointConfigName,
  EndpointStatus: 'InService',
});

function missing(name: string): never {
  throw Object.assign(new Error(`a dry run without credentials takes it as not there`), { name });
}

/** The account as it is taken to be. */
const LOOKS: Record<string, Answer> = {
  AssumeRole: () => ({ Credentials: { AccessKeyId: '<access-key>', SecretAccessKey: '<secret-key>' } }),
  GetCallerIdentity: () => ({
    Account: '<account>',
    Arn: 'arn:aws:sts::<account>:assumed-role/<role>/<session>',
  }),
  GetRole: () => ({ Role: { Arn: '<role-arn>' } }),
  HeadBucket: () => missing('NotFound'),
  DescribeRepositories: () => missing('RepositoryNotFoundException'),
  DescribeImages: () => ({ imageDetails: [{ imageDigest: '<digest>' }] }),
  DescribeEndpointConfig: () => ({ ProductionVariants: [{ VariantName: '<variant>', ModelName: '<model>' }] }),
  DescribeModel: ({ ModelName }) => ({
    ModelArn: '<model-arn>',
    PrimaryContainer: { Image: '<image>', ModelDataUrl: `s3://<bucket>/${ModelName}/model.tar.gz` },
  }),
  ListTags: () => ({ Tags: [] }),
};

/** What answers to calls that change something would say. */
function changes(endpoints: Map<unknown, object | undefined>, region: string): Record<string, Answer> {
  const serves: Answer = ({ EndpointName, EndpointConfigName }) => {
    endpoints.set(EndpointName, inService(EndpointName, EndpointConfigName));
    return {};
  };
  return {
    CreateEndpoint: serves,
    UpdateEndpoint: serves,
    DeleteEndpoint: ({ EndpointName }) => {
      endpoints.set(EndpointName, undefined);
      return {};
    },
    CreateModel: () => ({ ModelArn: '<model-arn>' }),
    CreateMultipartUpload: () => ({ UploadId: '<upload-id>' }),
    UploadPart: () => ({ ETag: '<etag>' }),
    CreateRepository: ({ repositoryName }) => ({
      repository: { repositoryUri: `<account>.dkr.ecr.${region}.amazonaws.com/${repositoryName}` },
    }),
    GetAuthorizationToken: () => ({ authorizationData: [{ authorizationToken: btoa('AWS:<token>') }] }),
  };
}

function shown(input: Input): Input {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      if (value instanceof Uint8Array) return [name, `<${value.length} bytes>`];
      if (!(value instanceof Readable)) return [name, value];
      // Its file may be gone before it is closed.
      value.on('error', () => {}).destroy();
      return [name, `<${input.ContentLength} bytes>`];
    }),
  );
}

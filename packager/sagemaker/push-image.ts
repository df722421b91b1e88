/** An image into the account's ECR: the repository is created when it is missing, and the bytes go by the registry's protocol. */
import type { ECR } from '@aws-sdk/client-ecr';
import type { Image } from '../image/image.js';
import type { Credentials } from '../image/registry/credentials.js';
import { type PushProgress, push } from '../image/registry/push.js';
import { parseReference } from '../image/registry/reference.js';
import { deleted } from './aws/bucket.js';
import { connectAws } from './aws/clients.js';
import { isMissing } from './aws/failures.js';
import { type Conversation, type Undo, withUndo } from './undo.js';

/** Of a repository that is created; one that is there stays as it is. */
export interface RepositorySettings {
  /** Tags cannot be moved to another image. */
  readonly immutableTags?: boolean | undefined;
  /** Images are scanned for known vulnerabilities when they arrive. */
  readonly scanOnPush?: boolean | undefined;
  /** A KMS key's ARN or alias that encrypts the images; ECR's own encryption without. */
  readonly kmsKey?: string | undefined;
  /** ECR's JSON: which images are removed when. */
  readonly lifecyclePolicy?: string | undefined;
}

export interface PushImageOptions extends Partial<Conversation> {
  readonly image: Image;
  /** The repository's name. */
  readonly name: string;
  readonly tag: string;
  /** Default: what the SDK finds in the environment and the profile. */
  readonly region?: string | undefined;
  /** Scheme, host and port of where the bytes go. Default: `MLTRACK_REGISTRY`, else what ECR's token names. */
  readonly registry?: string | undefined;
  readonly repository?: RepositorySettings | undefined;
  readonly onProgress?: ((progress: PushProgress) => void) | undefined;
}

export interface PushedImage {
  /** `REPOSITORY:TAG`, as ECR calls it wherever the bytes went. */
  readonly image: string;
  readonly digest: string;
  /** `REPOSITORY@DIGEST`. */
  readonly imageByDigest: string;
  /** Bytes that the registry did not have. */
  readonly pushedBytes: number;
}

/**
 * User and password are ECR's token, or `MLTRACK_REGISTRY_AUTH` (`user:password`). Throws an Error of one line when AWS or the
 * registry refuses something. A repository that was created stays, with its settings, for another try to go on with.
 */
export async function pushImage(options: PushImageOptions): Promise<PushedImage> {
  const { image, name, tag, region, signal, onProgress, dryRun, progress = () => {} } = options;
  const aws = await connectAws({ region, signal, dryRun }, 'ecr');
  const uri = await withUndo({ progress }, aws.ignoreSignal, (undo) =>
    repositoryUri(aws.ecr, { name, settings: options.repository ?? {} }, undo, progress),
  );
  const own = process.env.MLTRACK_REGISTRY_AUTH;
  const token = await tokenOf(aws.ecr);
  const credentials = own ? userAndPassword(own) : token.credentials;
  const renewCredentials = own ? undefined : async () => (await tokenOf(aws.ecr)).credentials;
  const url = options.registry ?? (process.env.MLTRACK_REGISTRY || token.registry);
  const { digest, pushedBytes } = await aws.change(
    { service: 'Registry', operation: 'Push', input: planOf(image, `${uri}:${tag}`) },
    () => push(image, parseReference(`${uri}:${tag}`), { url, credentials, renewCredentials, signal, onProgress }),
    { digest: image.digest, pushedBytes: 0 },
  );
  return { image: `${uri}:${tag}`, digest, imageByDigest: `${uri}@${digest}`, pushedBytes };
}

/** ECR's password for the registry, which lasts twelve hours, and where that answers. */
async function tokenOf(ecr: ECR): Promise<{ credentials: Credentials; registry: string | undefined }> {
  const { authorizationData } = await ecr.getAuthorizationToken({});
  const [{ authorizationToken = '', proxyEndpoint = undefined } = {}] = authorizationData ?? [];
  const credentials = userAndPassword(Buffer.from(authorizationToken, 'base64').toString());
  return { credentials, registry: proxyEndpoint };
}

/** What a registry is asked to take, unless it has it. */
function planOf({ digest, mediaType, config, layers }: Image, image: string) {
  const blobs = [config, ...layers].map((blob) => ({ digest: blob.digest, size: blob.size }));
  return { image, digest, mediaType, blobs };
}

function userAndPassword(text: string): Credentials {
  const colon = text.indexOf(':');
  if (colon === -1) throw new Error('MLTRACK_REGISTRY_AUTH must be user:password');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

async function repositoryUri(
  ecr: ECR,
  { name, settings }: { name: string; settings: RepositorySettings },
  undo: Undo,
  progress: Conversation['progress'],
): Promise<string> {
  const there = await findRepository(ecr, name);
  if (there !== undefined) return there;
  const uri = await createRepository(ecr, name, settings);
  // A repository without its policy would never get it: the next command finds it there, and leaves it as it is.
  undo.add(`ECR repository ${name}`, () => deleted(ecr.deleteRepository({ repositoryName: name })));
  if (settings.lifecyclePolicy !== undefined) {
    await ecr.putLifecyclePolicy({ repositoryName: name, lifecyclePolicyText: settings.lifecyclePolicy });
  }
  progress(`created the ECR repository ${name}`);
  return uri;
}

async function findRepository(ecr: ECR, name: string): Promise<string | undefined> {
  try {
    return (await ecr.describeRepositories({ repositoryNames: [name] })).repositories?.[0]?.repositoryUri;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function createRepository(ecr: ECR, name: string, settings: RepositorySettings): Promise<string> {
  const { kmsKey } = settings;
  try {
    const { repository } = await ecr.createRepository({
      repositoryName: name,
      imageTagMutability: settings.immutableTags ? 'IMMUTABLE' : 'MUTABLE',
      imageScanningConfiguration: { scanOnPush: settings.scanOnPush === true },
      ...(kmsKey !== undefined && { encryptionConfiguration: { encryptionType: 'KMS', kmsKey } }),
    });
    if (repository?.repositoryUri) return repository.repositoryUri;
  } catch (error) {
    // A call whose answer was lost has made it, or another command was first.
    if ((error as Error).name !== 'RepositoryAlreadyExistsException') throw error;
    const uri = await findRepository(ecr, name);
    if (uri !== undefined) return uri;
  }
  throw new Error(`ECR created no repository '${name}'`);
}

/** URLs that carry their own permission: one call on one object, for a limited time. Source: AWS Signature Version 4 in query parameters. */
import type { GetObjectCommandInput, PutObjectCommandInput, UploadPartCommandInput } from '@aws-sdk/client-s3';
import type { SignedUrl } from '../repository.js';
import type { S3Connection } from './client.js';

interface HttpRequest {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  headers: Record<string, string>;
  query?: Record<string, string | string[] | null>;
}

/** What the SDK's signer of S3 does besides signing. */
interface Presigner {
  presign(
    request: HttpRequest,
    options: { expiresIn: number; signingRegion: string; unhoistableHeaders: Set<string> },
  ): Promise<HttpRequest>;
}

/** `seconds`: how long the URL is valid. The headers are conditions on how the object is stored: part of what is signed. */
export async function presigned(
  { client }: S3Connection,
  call: 'upload' | 'part' | 'download',
  input: object,
  seconds: number,
): Promise<SignedUrl> {
  const sdk = await import('@aws-sdk/client-s3');
  let request: HttpRequest | undefined;
  // Built as for sending, and kept.
  const stack = client.middlewareStack.clone();
  stack.add(
    () => async (args) => {
      request = args.request as HttpRequest;
      return { response: {}, output: { $metadata: {} } };
    },
    { step: 'build', priority: 'low', name: 'kept' },
  );
  const command =
    call === 'part'
      ? new sdk.UploadPartCommand(input as UploadPartCommandInput)
      : call === 'upload'
        ? new sdk.PutObjectCommand(input as PutObjectCommandInput)
        : new sdk.GetObjectCommand(input as GetObjectCommandInput);
  const { resolveMiddleware } = command as { resolveMiddleware(...args: unknown[]): unknown };
  const build = resolveMiddleware.call(command, stack, client.config, {});
  await (build as (args: { input: object }) => Promise<unknown>)({ input });
  if (!request) throw new Error('The SDK built no request.');
  const { host = '', ...others } = request.headers;
  // What is said in a header that no condition needs goes into the query: browsers that follow a link send none.
  const inQuery = Object.entries(others).filter(([name]) => name === OWNER);
  const conditions = Object.entries(others).filter(([name]) => isCondition(name));
  const headers = Object.fromEntries(conditions);
  request.headers = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers };
  request.query = { ...request.query, ...Object.fromEntries(inQuery) };
  const signer = (await client.config.signer()) as unknown as Presigner;
  const signingRegion = await client.config.region();
  const options = { expiresIn: seconds, signingRegion, unhoistableHeaders: new Set(Object.keys(headers)) };
  return { url: urlOf(await signer.presign(request, options)), headers };
}

const OWNER = 'x-amz-expected-bucket-owner';
/** The SDK's own, which say nothing of the object. */
const OWN = new Set([OWNER, 'x-amz-user-agent', 'x-amz-content-sha256', 'x-amz-date']);
const isCondition = (name: string) => name.startsWith('x-amz-') && !OWN.has(name);

function urlOf({ protocol, hostname, port, path, query = {} }: HttpRequest): string {
  const fields = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map((each) => `${escaped(name)}=${escaped(each)}`),
  );
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}?${fields.join('&')}`;
}

/** As the signature has it: RFC 3986. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

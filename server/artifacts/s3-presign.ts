/** URLs that carry their own permission: one call on one object, for a limited time. Source: AWS Signature Version 4 in query parameters. */
import type { GetObjectCommandInput, UploadPartCommandInput } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3-client.js';

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
  presign(request: HttpRequest, options: { expiresIn: number; signingRegion: string }): Promise<HttpRequest>;
}

/** `seconds`: how long the URL is valid. */
export async function presigned(
  { client }: S3Connection,
  call: 'upload' | 'download',
  input: object,
  seconds: number,
): Promise<string> {
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
  const build =
    call === 'upload'
      ? new sdk.UploadPartCommand(input as UploadPartCommandInput).resolveMiddleware(stack, client.config, {})
      : new sdk.GetObjectCommand(input as GetObjectCommandInput).resolveMiddleware(stack, client.config, {});
  await (build as (args: { input: object }) => Promise<unknown>)({ input });
  if (!request) throw new Error('The SDK built no request.');
  const { host = '', ...others } = request.headers;
  // Whoever uses the URL sends no header of S3's: what is said in one goes into the query.
  const inQuery = Object.entries(others).filter(([name]) => name === 'x-amz-expected-bucket-owner');
  request.headers = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  request.query = { ...request.query, ...Object.fromEntries(inQuery) };
  const signer = (await client.config.signer()) as unknown as Presigner;
  const signingRegion = await client.config.region();
  return urlOf(await signer.presign(request, { expiresIn: seconds, signingRegion }));
}

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

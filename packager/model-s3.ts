/**
 * Models in S3, or in what speaks its protocol (`MLFLOW_S3_ENDPOINT_URL`, as MLflow has it), to a path on this machine.
 * Credentials and region are found as the AWS SDK finds them. Loaded when one is asked for: it brings the SDK.
 */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3 } from '@aws-sdk/client-s3';
import { explained, isPassing } from './sagemaker/aws/failures.js';

/** Objects that are fetched at a time. */
const AT_ONCE = 4;
const ATTEMPTS = 3;

interface Place {
  readonly bucket: string;
  /** Without slashes around it. */
  readonly path: string;
}

function placeOf(uri: string): Place {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/*(.*?)\/*$/i.exec(uri) ?? [];
  if (bucket === '') throw new Error(`Cannot read the URI ${uri}: it must be s3://BUCKET/PATH`);
  return { bucket, path };
}

/** Throws an Error of one line when S3 refuses. */
export async function isInS3(uri: string): Promise<boolean> {
  const s3 = await connectS3();
  const place = placeOf(uri);
  for await (const _key of keysOf(s3, place)) return true;
  return false;
}

/**
 * Downloads what lies at `s3://BUCKET/PATH` to `destination`, which becomes that file or folder. Throws an Error of one line
 * when there is nothing, or S3 refuses.
 */
export async function downloadFromS3(uri: string, destination: string): Promise<void> {
  const s3 = await connectS3();
  const { bucket, path } = placeOf(uri);
  const found: { key: string; file: string }[] = [];
  for await (const key of keysOf(s3, { bucket, path })) {
    const file = key === path ? destination : join(destination, path === '' ? key : key.slice(path.length + 1));
    if (relative(destination, file).startsWith('..')) throw new Error(`${uri} has a file outside of it: ${key}`);
    found.push({ key, file });
  }
  if (found.length === 0) throw new Error(`There is nothing at ${uri}`);
  const rest = found.values();
  const fetchRest = async () => {
    for (const { key, file } of rest) await fetchObject(s3, { Bucket: bucket, Key: key }, file);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchRest));
}

async function connectS3(): Promise<S3> {
  // On Node 20 the SDK would write a notice of its plans on stderr.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { S3 } = await import('@aws-sdk/client-s3');
  const { MLFLOW_S3_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  const settings = {
    followRegionRedirects: true,
    ...(endpoint && { endpoint }),
    // With an endpoint of its own S3 has no host name per bucket.
    ...((endpoint || AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL) && { forcePathStyle: true }),
  };
  const s3 = new S3(settings);
  // Any region will do to ask for the bucket's; most that are not Amazon's know none.
  return s3.config.region().then(
    () => s3,
    () => new S3({ ...settings, region: 'us-east-1' }),
  );
}

/** An object's own key, or those of the objects below it, but for the folders that consoles make. */
async function* keysOf(s3: S3, { bucket, path }: Place): AsyncGenerator<string> {
  for (let token: string | undefined; ; ) {
    const page = await s3
      .listObjectsV2({ Bucket: bucket, Prefix: path, ...(token !== undefined && { ContinuationToken: token }) })
      .catch((error: Error) => {
        throw explained(error, 'S3', 'ListObjectsV2');
      });
    for (const { Key = '' } of page.Contents ?? []) {
      if ((Key === path || path === '' || Key.startsWith(`${path}/`)) && !Key.endsWith('/')) yield Key;
    }
    token = page.NextContinuationToken;
    if (!token) return;
  }
}

async function fetchObject(s3: S3, object: { Bucket: string; Key: string }, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    try {
      const { Body } = await s3.getObject(object);
      await pipeline(Body as Readable, createWriteStream(file));
      return;
    } catch (error) {
      // The SDK asks again for an answer, not for the rest of one.
      if (attempt === ATTEMPTS || !isPassing(error)) throw explained(error as Error, 'S3', 'GetObject');
    }
  }
}

/** The bucket that holds models: made when it is missing, filled, and emptied of what a deployment put there. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Archive } from '../archive.js';
import { pause } from '../pause.js';
import type { Undo } from '../undo.js';
import type { Aws } from './clients.js';
import { isMissing, isPassing, statusOf } from './failures.js';

const ATTEMPTS = 3;

/** Creates the bucket unless it is there. Throws an Error of one line when it is another's, or in another region. */
export async function ensureBucket(aws: Aws, bucket: string, undo: Undo): Promise<void> {
  const { s3 } = aws;
  try {
    await s3.headBucket({ Bucket: bucket });
    return;
  } catch (error) {
    const status = statusOf(error);
    if (status === 403) throw new Error(`The bucket ${bucket} is not yours to use (403): name another with --bucket`);
    if (status === 301) throw new Error(`The bucket ${bucket} is not in ${aws.region}: name another with --bucket`);
    if (!isMissing(error)) throw error;
  }
  undo.add(`bucket ${bucket}`, () => deleted(s3.deleteBucket({ Bucket: bucket })));
  // us-east-1 is said by saying nothing.
  const elsewhere = aws.region === 'us-east-1' ? undefined : aws.region;
  try {
    await s3.createBucket({
      Bucket: bucket,
      ...(elsewhere !== undefined && { CreateBucketConfiguration: { LocationConstraint: elsewhere as 'eu-west-1' } }),
    });
  } catch (error) {
    // Another command may have been first.
    if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

/**
 * Puts the archive at `key`, tagged `SageMaker=true` as SageMaker's managed policy asks for. Resolves to its `s3:` URL. A large
 * one goes in parts, of which one at a time is sent, and `progress` hears of each quarter.
 */
export async function upload(aws: Aws, { bucket, key, archive }: Upload, undo: Undo, progress: (line: string) => void) {
  const url = `s3://${bucket}/${key}`;
  undo.add(url, () => removeObject(aws, url));
  const object = { Bucket: bucket, Key: key };
  if (archive.bytes > PART) await uploadParts(aws, object, archive, undo, progress);
  else {
    const { bytes, sha256 } = archive;
    await persistently(aws, () =>
      aws.s3.putObject(
        { ...object, ...ABOUT, Body: createReadStream(archive.path), ContentLength: bytes, ChecksumSHA256: sha256 },
        abortable(aws),
      ),
    );
  }
  return url;
}

export interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly archive: Archive;
}

const ABOUT = { ContentType: 'application/gzip', Tagging: 'SageMaker=true' } as const;

/** Sent in one request, or as one part of several, in bytes. */
const PART = 64 * 2 ** 20;
/** S3's limit. */
const MOST_PARTS = 10_000;

async function uploadParts(
  aws: Aws,
  object: { Bucket: string; Key: string },
  { path, bytes }: Archive,
  undo: Undo,
  progress: (line: string) => void,
): Promise<void> {
  const size = Math.max(PART, Math.ceil(bytes / MOST_PARTS));
  const { UploadId } = await aws.s3.createMultipartUpload({ ...object, ...ABOUT, ChecksumAlgorithm: 'SHA256' });
  let open = true;
  // Parts of an upload that is not ended cost money, and are seen by nobody.
  undo.add(
    `upload of ${object.Key}`,
    async () => open && deleted(aws.s3.abortMultipartUpload({ ...object, UploadId })),
  );
  const Parts: { PartNumber: number; ETag: string | undefined; ChecksumSHA256: string }[] = [];
  for (let start = 0; start < bytes; start += size) {
    const end = Math.min(start + size, bytes);
    const part = () => createReadStream(path, { start, end: end - 1 });
    const ChecksumSHA256 = await sha256Of(part());
    const PartNumber = Parts.length + 1;
    const sent = await persistently(aws, () =>
      aws.s3.uploadPart(
        { ...object, UploadId, PartNumber, Body: part(), ContentLength: end - start, ChecksumSHA256 },
        abortable(aws),
      ),
    );
    Parts.push({ PartNumber, ETag: sent.ETag, ChecksumSHA256 });
    const quarter = Math.floor((end / bytes) * 4);
    if (quarter > Math.floor((start / bytes) * 4)) progress(`uploaded ${quarter * 25} % of ${object.Key}`);
  }
  await aws.s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload: { Parts } });
  open = false;
}

async function sha256Of(bytes: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('base64');
}

const abortable = ({ signal }: Aws) => (signal === undefined ? {} : { abortSignal: signal });

/** The SDK sends no stream a second time. */
async function persistently<T>(aws: Aws, send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
      await pause(200 * 2 ** attempt, aws.signal);
    }
  }
}

/** Resolves to whether there was an object. */
export async function removeObject(aws: Aws, url: string): Promise<boolean> {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  const { s3 } = aws;
  // Who may not look may still delete.
  const there = await s3.headObject({ Bucket, Key }).then(
    () => true,
    (error) => !isMissing(error),
  );
  if (there) await s3.deleteObject({ Bucket, Key });
  return there;
}

/** Whether a call found what it was to remove. */
export async function deleted(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** The bucket that holds models: made when it is missing, filled, and emptied of what a deployment put there. */
import { createReadStream } from 'node:fs';
import type { Archive } from '../archive.js';
import { pause } from '../pause.js';
import type { Undo } from '../undo.js';
import type { Aws } from './clients.js';
import { isMissing, isPassing, statusOf } from './failures.js';

/** S3's limit for an object that is sent in one request, in bytes. */
const LARGEST = 5 * 2 ** 30;

const ATTEMPTS = 3;

/** Creates the bucket unless it is there. Throws an Error of one line when it is another's, or in another region. */
export async function ensureBucket(aws: Aws, bucket: string, undo: Undo): Promise<void> {
  const s3 = await aws.s3();
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

/** Puts the archive at `key`, tagged `SageMaker=true` as SageMaker's managed policy asks for. Resolves to its `s3:` URL. */
export async function upload(aws: Aws, bucket: string, key: string, archive: Archive, undo: Undo): Promise<string> {
  if (archive.bytes > LARGEST)
    throw new Error(`model.tar.gz has ${archive.bytes} bytes: at most ${LARGEST} can be sent`);
  const s3 = await aws.s3();
  const url = `s3://${bucket}/${key}`;
  undo.add(url, () => removeObject(aws, url));
  for (let attempt = 1; ; attempt++) {
    try {
      await s3.putObject(
        {
          Bucket: bucket,
          Key: key,
          Body: createReadStream(archive.path),
          ContentLength: archive.bytes,
          ContentType: 'application/gzip',
          ChecksumSHA256: archive.sha256,
          Tagging: 'SageMaker=true',
        },
        aws.signal === undefined ? {} : { abortSignal: aws.signal },
      );
      break;
    } catch (error) {
      // The SDK sends no stream a second time.
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
      await pause(200 * 2 ** attempt, aws.signal);
    }
  }
  return url;
}

/** Resolves to whether there was an object. */
export async function removeObject(aws: Aws, url: string): Promise<boolean> {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  const s3 = await aws.s3();
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

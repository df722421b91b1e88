/** A stream into an object, in parts of a bounded size: nothing is to be seen of it before its end. */
import type { Readable } from 'node:stream';
import { invalid } from '../../../api/index.js';
import type { S3Connection } from './client.js';

/** Bytes of a part, S3's least; two are held, one that fills and one that is on its way. */
const PART = 5 * 1024 * 1024;
const LARGE_PART = 16 * 1024 * 1024;
/** S3's limit of parts. */
const PARTS = 10_000;

export interface S3Target {
  readonly Bucket: string;
  readonly Key: string;
}

/** `size` in bytes, where it is known. When the stream fails what was stored of it is dropped, and its error thrown. */
export async function uploadStream(
  { client, owner, uploads }: S3Connection,
  target: S3Target,
  type: string,
  body: Readable,
  size: number | undefined,
): Promise<void> {
  const object = { ContentType: type, ...uploads, ...target, ...owner };
  const partSize = size !== undefined && size > PART * PARTS ? LARGE_PART : PART;
  let upload: { UploadId: string } | undefined;
  let sending: Promise<unknown> | undefined;
  const sent: { PartNumber: number; ETag: string | undefined }[] = [];
  const send = async (id: { UploadId: string }, Body: Buffer, PartNumber: number) => {
    const { ETag } = await client.uploadPart({
      ...target,
      ...owner,
      ...id,
      PartNumber,
      Body,
      ContentLength: Body.length,
    });
    sent.push({ PartNumber, ETag });
  };
  try {
    let number = 0;
    for await (const { bytes, isLast } of partsOf(body, partSize, size)) {
      await sending;
      if (isLast && !upload) {
        await client.putObject({ ...object, Body: bytes, ContentLength: bytes.length });
        return;
      }
      if (!upload) {
        const { UploadId = '' } = await client.createMultipartUpload(object);
        upload = { UploadId };
      }
      if (++number > PARTS) throw invalid(`A file through this server has at most ${partSize * PARTS} bytes in S3`);
      sending = send(upload, bytes, number);
      // It is awaited at the next part; until then it must not end the process.
      sending.catch(() => {});
    }
    await sending;
    const { UploadId } = upload as { UploadId: string };
    await client.completeMultipartUpload({ ...target, ...owner, UploadId, MultipartUpload: { Parts: sent } });
  } catch (error) {
    await sending?.catch(() => {});
    // What cannot be dropped now is left to the bucket's lifecycle rule.
    if (upload) await client.abortMultipartUpload({ ...target, ...owner, ...upload }).catch(() => {});
    throw error;
  }
}

/** The stream in parts of equal size, in two buffers that take turns: a part is valid until the next but one. */
async function* partsOf(body: Readable, partSize: number, size: number | undefined) {
  const next = () => Buffer.allocUnsafeSlow(Math.max(1, Math.min(partSize, size ?? partSize)));
  let buffer = next();
  let other: typeof buffer | undefined;
  let filled = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    let rest = chunk as Buffer;
    while (rest.length > 0) {
      if (filled === buffer.length) {
        yield { bytes: buffer, isLast: false };
        [buffer, other] = [other ?? next(), buffer];
        filled = 0;
      }
      const copied = rest.copy(buffer, filled);
      filled += copied;
      rest = rest.subarray(copied);
    }
  }
  yield { bytes: buffer.subarray(0, filled), isLast: true };
}

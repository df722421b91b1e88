/** Artifacts in S3, or in what speaks its protocol: bytes stream through, and folders are the slashes in keys. */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type FileInfo, invalid, missing } from '../../../api/index.js';
import { contentDisposition } from '../content-disposition.js';
import { contentType } from '../content-type.js';
import { notAFile } from '../paths.js';
import type { ArtifactFile, ArtifactRepository, ByteRange, DirectAccess } from '../repository.js';
import { connectS3, type S3Connection, type S3Location, s3Failure } from './client.js';
import { presigned } from './presign.js';
import { uploadStream } from './upload.js';

/** Objects that one call removes, at most. */
const BATCH = 1000;
/** How long the URL of a part is valid, in seconds. Source: boto's default of `generate_presigned_url`. */
const PART_URL_LIFE = 3600;

export function s3Repository({ bucket, prefix }: S3Location): ArtifactRepository {
  const keyOf = (path: string) => [prefix, path].filter((part) => part !== '').join('/');
  const targetOf = (path: string) => ({ Bucket: bucket, Key: keyOf(path) });

  /** Runs calls whose failures are told as what was being done to `path`. */
  async function asked<T>(doing: string, path: string, call: (s3: S3Connection) => Promise<T>): Promise<T> {
    try {
      return await call(await connectS3());
    } catch (error) {
      throw s3Failure(error, doing, `s3://${bucket}/${keyOf(path)}`);
    }
  }

  async function head({ client, owner }: S3Connection, path: string) {
    const found = await client.headObject({ ...targetOf(path), ...owner }).catch((error: unknown) => {
      if ((error as Error).name === 'NotFound') return undefined;
      throw error;
    });
    if (found) return { size: found.ContentLength ?? 0, lastModified: found.LastModified, etag: found.ETag ?? '' };
    const Prefix = `${keyOf(path)}/`;
    const { KeyCount = 0 } = await client.listObjectsV2({ Bucket: bucket, Prefix, MaxKeys: 1, ...owner });
    throw KeyCount > 0 ? notAFile(path) : missing(`No artifact at '${path}'`);
  }

  return {
    list: (path) =>
      asked('list', path, async (s3) => {
        const key = keyOf(path);
        const files: FileInfo[] = [];
        const below = (name: string) => (path === '' ? name : `${path}/${name}`);
        for await (const page of pagesOf(s3, bucket, key === '' ? '' : `${key}/`, '/')) {
          for (const name of page.folders) files.push({ path: below(name), is_dir: true });
          for (const { name, size } of page.files) {
            files.push({ path: below(name), is_dir: false, file_size: size });
          }
        }
        return files.sort((a, b) => (a.path < b.path ? -1 : 1));
      }),

    open: (path) =>
      asked('read', path, async (s3): Promise<ArtifactFile> => {
        const { size, lastModified = new Date(0), etag } = await head(s3, path);
        const read = (Range: string | undefined) =>
          asked('read', path, async ({ client, owner }) => {
            // Another file may have taken its place: its bytes are not those that were promised.
            const { Body } = await client.getObject({ ...targetOf(path), ...owner, Range, IfMatch: etag || undefined });
            return Body as Readable;
          });
        return {
          size,
          lastModified,
          etag,
          read: (range) => read(range && bytesOf(range)),
          send: async (range, destination) => pipeline(await read(bytesOf(range)), destination),
          close: async () => {},
        };
      }),

    async write(path, body, size) {
      if (path === '') throw invalid('Invalid path');
      await asked('write', path, (s3) => uploadStream(s3, targetOf(path), contentType(path), body, size));
    },

    async remove(path) {
      if (path === '') return;
      await asked('remove', path, async (s3) => {
        await s3.client.deleteObject({ ...targetOf(path), ...s3.owner });
        const key = keyOf(path);
        for await (const page of pagesOf(s3, bucket, `${key}/`, undefined)) {
          const Objects = page.files.map(({ name }) => ({ Key: `${key}/${name}` }));
          await removeAll(s3, bucket, Objects);
        }
      });
    },

    direct: directAccess(asked, targetOf, head),
  };
}

const bytesOf = ({ start, end }: ByteRange) => `bytes=${start}-${end}`;

type Asked = <T>(doing: string, path: string, call: (s3: S3Connection) => Promise<T>) => Promise<T>;

function directAccess(
  asked: Asked,
  targetOf: (path: string) => { Bucket: string; Key: string },
  head: (s3: S3Connection, path: string) => Promise<{ size: number }>,
): DirectAccess {
  return {
    createUpload: (path, parts) =>
      asked('write', path, async (s3) => {
        const object = { ContentType: contentType(path), ...s3.uploads, ...targetOf(path), ...s3.owner };
        const { UploadId: uploadId = '' } = await s3.client.createMultipartUpload(object);
        const urls: string[] = [];
        for (let number = 1; number <= parts; number++) {
          const part = { ...targetOf(path), ...s3.owner, UploadId: uploadId, PartNumber: number };
          urls.push((await presigned(s3, 'part', part, PART_URL_LIFE)).url);
        }
        return { uploadId, urls };
      }),
    completeUpload: (path, UploadId, parts) =>
      asked('write', path, async ({ client, owner }) => {
        const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }));
        await client.completeMultipartUpload({ ...targetOf(path), ...owner, UploadId, MultipartUpload: { Parts } });
      }),
    abortUpload: (path, UploadId) =>
      asked('write', path, async ({ client, owner }) => {
        await client.abortMultipartUpload({ ...targetOf(path), ...owner, UploadId });
      }),
    uploadUrl: (path, seconds) =>
      asked('write', path, (s3) => presigned(s3, 'upload', { ...s3.uploads, ...targetOf(path), ...s3.owner }, seconds)),
    downloadUrl: (path, seconds) =>
      asked('read', path, async (s3) => {
        const { size } = await head(s3, path);
        const name = path.slice(path.lastIndexOf('/') + 1);
        const object = { ...targetOf(path), ...s3.owner, ResponseContentDisposition: contentDisposition(name) };
        return { size, url: (await presigned(s3, 'download', object, seconds)).url };
      }),
  };
}

interface Page {
  readonly files: readonly { name: string; size: number }[];
  readonly folders: readonly string[];
}

/** What lies below a prefix, by names relative to it; with a delimiter only what lies directly below. */
async function* pagesOf(
  { client, owner }: S3Connection,
  Bucket: string,
  Prefix: string,
  Delimiter: string | undefined,
): AsyncGenerator<Page> {
  let ContinuationToken: string | undefined;
  do {
    const answer = await client.listObjectsV2({
      Bucket,
      Prefix,
      Delimiter,
      ContinuationToken,
      MaxKeys: BATCH,
      // XML has no place for control characters, which keys may have.
      EncodingType: 'url',
      ...owner,
    });
    const plain = answer.EncodingType === 'url' ? decoded : (key: string) => key;
    const nameOf = (key: string | undefined) => plain(key ?? '').slice(Prefix.length);
    const files = (answer.Contents ?? []).map(({ Key, Size = 0 }) => ({ name: nameOf(Key), size: Size }));
    const folders = (answer.CommonPrefixes ?? []).map((each) => nameOf(each.Prefix).replace(/\/$/, ''));
    yield Delimiter === undefined
      ? { files, folders }
      : // Consoles mark an empty folder by an empty object of its name and a slash.
        { files: files.filter(({ name }) => isName(name)), folders: folders.filter(isName) };
    ContinuationToken = answer.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

/** Whether a path can have such a part. */
const isName = (name: string) => name !== '' && name !== '.' && name !== '..';

function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

async function removeAll({ client, owner }: S3Connection, Bucket: string, Objects: { Key: string }[]): Promise<void> {
  if (Objects.length === 0) return;
  const { Errors = [] } = await client.deleteObjects({ Bucket, Delete: { Objects, Quiet: true }, ...owner });
  const [first] = Errors;
  if (!first) return;
  const failure = new Error(first.Message ?? 'refused');
  failure.name = first.Code ?? 'Error';
  throw Object.assign(failure, { $metadata: { httpStatusCode: first.Code === 'AccessDenied' ? 403 : 500 } });
}

/** Throws an Error when the bucket is not there or cannot be asked; one that may not be looked at may still be written to. */
export async function checkBucket({ bucket }: S3Location): Promise<void> {
  const { client, owner } = await connectS3();
  try {
    await client.headBucket({ Bucket: bucket, ...owner });
  } catch (error) {
    const { name, message, $metadata } = error as {
      name: string;
      message: string;
      $metadata?: { httpStatusCode?: number };
    };
    const status = $metadata?.httpStatusCode;
    if (status === 403) return;
    if (status === 404) throw new Error('there is no such bucket', { cause: error });
    throw new Error(message || name, { cause: error });
  }
}

/** Folders and files of what owns artifacts: a run, a logged model, or a version of a registered model. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { ARTIFACT_PROXY_PATH, type FileInfo, MltrackError } from '../../api/index.js';
import { client } from './connection.js';

export type ArtifactOwner =
  | { kind: 'run'; id: string }
  | { kind: 'model'; id: string }
  | { kind: 'version'; name: string; version: string };

export interface Folder {
  rootUri: string;
  files: FileInfo[];
}

export const ownerKey = (owner: ArtifactOwner) =>
  owner.kind === 'version' ? `version ${owner.version} ${owner.name}` : `${owner.kind} ${owner.id}`;

interface Page {
  root_uri: string;
  files?: FileInfo[] | undefined;
  next_page_token?: string | undefined;
}

async function listFolder(owner: ArtifactOwner, path: string): Promise<Folder> {
  if (owner.kind === 'version') return listVersion(owner, path);
  const files: FileInfo[] = [];
  let page_token: string | undefined;
  for (;;) {
    const page: Page =
      owner.kind === 'run'
        ? await client.listArtifacts({ run_id: owner.id, path: path || undefined, page_token })
        : await client.listLoggedModelArtifacts({
            model_id: owner.id,
            artifact_directory_path: path || undefined,
            page_token,
          });
    files.push(...(page.files ?? []));
    page_token = page.next_page_token || undefined;
    if (!page_token) return { rootUri: page.root_uri, files: foldersFirst(files) };
  }
}

/** A version's files lie where its source says: below a run, as a logged model, or anywhere in the server's own storage. */
async function listVersion({ name, version }: { name: string; version: string }, path: string): Promise<Folder> {
  const { artifact_uri: rootUri } = await client.getModelVersionDownloadUri({ name, version });
  const [, runId, inRun = ''] = /^runs:\/+([^/]+)\/?(.*)$/.exec(rootUri) ?? [];
  if (runId) {
    const below = await listFolder({ kind: 'run', id: runId }, joined(inRun, path));
    const from = inRun === '' ? 0 : inRun.replace(/\/$/, '').length + 1;
    return { rootUri, files: below.files.map((file) => ({ ...file, path: file.path.slice(from) })) };
  }
  const [, modelId] = /^models:\/+(m-[^/]+)\/?$/.exec(rootUri) ?? [];
  if (modelId) return listFolder({ kind: 'model', id: modelId }, path);
  const [, root] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(rootUri) ?? [];
  if (root === undefined) throw new MltrackError('NOT_IMPLEMENTED', `This server does not list ${rootUri}`);
  const query = new URLSearchParams({ path: joined(root, path) });
  const { files = [] } = (await (await client.send('GET', `/api${ARTIFACT_PROXY_PATH}?${query}`)).json()) as Page;
  return { rootUri, files: foldersFirst(files.map((file) => ({ ...file, path: joined(path, file.path) }))) };
}

const joined = (folder: string, path: string) => [folder.replace(/\/$/, ''), path].filter(Boolean).join('/');

const collator = new Intl.Collator(undefined, { numeric: true });

function foldersFirst(files: FileInfo[]): FileInfo[] {
  return files.sort((a, b) => Number(b.is_dir) - Number(a.is_dir) || collator.compare(a.path, b.path));
}

const folderQuery = (owner: ArtifactOwner, path: string) => ({
  queryKey: ['folder', ownerKey(owner), path],
  queryFn: () => listFolder(owner, path),
});

export const useFolder = (owner: ArtifactOwner, path: string) => useQuery(folderQuery(owner, path));

/** One result per path, in order. */
export const useFolders = (owner: ArtifactOwner, paths: readonly string[]) =>
  useQueries({ queries: paths.map((path) => folderQuery(owner, path)) });

/** Whether the server keeps the files below this root itself. */
export const isServed = (rootUri: string) => /^(mlflow-artifacts|runs|models):/.test(rootUri);

/** Where a file's bytes are, below the server's root. With `view`, HTML, SVG and PDF come to be shown and not to be saved. */
export function filePath(owner: ArtifactOwner, path: string, view = false): string {
  const shown = view ? { view: 'inline' } : undefined;
  if (owner.kind === 'model') {
    const query = new URLSearchParams({ artifact_file_path: path, ...shown });
    return `/api/2.0/mlflow/logged-models/${encodeURIComponent(owner.id)}/artifacts/files?${query}`;
  }
  const query = new URLSearchParams({ ...ownerFields(owner), path, ...shown });
  return `${owner.kind === 'version' ? '/model-versions' : ''}/get-artifact?${query}`;
}

export const fileUrl = (owner: ArtifactOwner, path: string, view = false) => client.uri + filePath(owner, path, view);

/** A folder, or all files, as a zip. */
export const archiveUrl = (owner: ArtifactOwner, path: string) =>
  `${client.uri}/api/2.0/mltrack/artifacts/archive?${new URLSearchParams({ ...ownerFields(owner), ...(path && { path }) })}`;

function ownerFields(owner: ArtifactOwner): Record<string, string> {
  if (owner.kind === 'version') return { name: owner.name, version: owner.version };
  return owner.kind === 'model' ? { model_id: owner.id } : { run_id: owner.id };
}

export interface FilePart {
  bytes: Uint8Array<ArrayBuffer>;
  /** Of the first of the bytes. */
  start: number;
  /** Of the whole file. */
  size: number;
}

/** The first `limit` bytes of a file. */
export function useFileStart(owner: ArtifactOwner, path: string, limit: number) {
  return useQuery({
    queryKey: ['file', ownerKey(owner), path, limit],
    queryFn: () => readPart(owner, path, `bytes=0-${limit - 1}`),
    gcTime: 30_000,
    refetchOnWindowFocus: false,
  });
}

/** `range` as RFC 9110 writes it: `bytes=0-999`, `bytes=-1000` for the last ones; without it the whole file, which may be empty then. */
export async function readPart(owner: ArtifactOwner, path: string, range?: string): Promise<FilePart> {
  const answer = await client.send('GET', filePath(owner, path), undefined, range === undefined ? {} : { range });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const [, start, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers.get('content-range') ?? '') ?? [];
  return { bytes, start: Number(start ?? 0), size: Number(size ?? bytes.length) };
}

/** Undefined for what is not UTF-8 text. Where the bytes begin or end within a file, so may characters. */
export function decodeText({ bytes, start, size }: FilePart): string | undefined {
  if (bytes.subarray(0, 8_000).includes(0)) return undefined;
  let from = 0;
  // The bytes that go on a character begin with 10.
  while (start > 0 && from < 3 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from++;
  try {
    const isCut = start + bytes.length < size;
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from), { stream: isCut });
  } catch {
    return undefined;
  }
}

/** Folders and files below a run's or a logged model's artifact root. */
import { useQuery } from '@tanstack/react-query';
import type { FileInfo } from '../../api/index.js';
import { client } from './connection.js';

export type ArtifactOwner = { kind: 'run'; id: string } | { kind: 'model'; id: string };

export interface Folder {
  rootUri: string;
  files: FileInfo[];
}

async function listFolder(owner: ArtifactOwner, path: string): Promise<Folder> {
  const files: FileInfo[] = [];
  let page_token: string | undefined;
  for (;;) {
    const page =
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

function foldersFirst(files: FileInfo[]): FileInfo[] {
  const collator = new Intl.Collator(undefined, { numeric: true });
  return files.sort((a, b) => Number(b.is_dir) - Number(a.is_dir) || collator.compare(a.path, b.path));
}

export function useFolder(owner: ArtifactOwner, path: string) {
  return useQuery({
    queryKey: ['folder', owner.kind, owner.id, path],
    queryFn: () => listFolder(owner, path),
  });
}

/** Whether the server hands out the bytes below this root. */
export const isServed = (rootUri: string) => rootUri.startsWith('mlflow-artifacts:');

export const downloadUrl = (rootUri: string, path: string) => client.artifacts.url(rootUri, path);

export interface FileStart {
  bytes: Uint8Array<ArrayBuffer>;
  /** There is more than was read. */
  cut: boolean;
}

/** The first `limit` bytes of a file. */
export function useFileStart(rootUri: string, path: string, limit: number) {
  return useQuery({
    queryKey: ['file', rootUri, path, limit],
    queryFn: async () => readStart(await client.artifacts.get(rootUri, path), limit),
    gcTime: 30_000,
    refetchOnWindowFocus: false,
  });
}

async function readStart(answer: Response, limit: number): Promise<FileStart> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = answer.body?.getReader();
  while (reader && length <= limit) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
  }
  await reader?.cancel();
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  return { bytes: whole.subarray(0, limit), cut: length > limit };
}

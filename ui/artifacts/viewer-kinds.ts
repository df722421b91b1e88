/** Which viewer shows a file: told by its name alone. */

export type ViewerKind =
  | 'image'
  | 'table'
  | 'json'
  | 'markdown'
  | 'code'
  | 'log'
  | 'frame'
  | 'audio'
  | 'video'
  | 'model'
  | 'text'
  | 'bytes';

const BY_EXTENSION: Record<Exclude<ViewerKind, 'model' | 'text' | 'bytes'>, string> = {
  image: 'png jpg jpeg gif webp avif bmp ico',
  table: 'csv tsv',
  json: 'json',
  markdown: 'md markdown',
  code: 'py py3 pyi ts tsx mts cts js jsx mjs cjs yaml yml jsonl ndjson ipynb',
  log: 'log out err',
  frame: 'html htm svg pdf',
  audio: 'mp3 wav ogg oga opus flac aac m4a',
  video: 'mp4 webm mov m4v ogv',
};

const KIND = new Map(
  Object.entries(BY_EXTENSION).flatMap(([kind, extensions]) =>
    extensions.split(' ').map((extension): [string, ViewerKind] => [extension, kind as ViewerKind]),
  ),
);

/** What is never text, so that its bytes are shown at once. */
const BYTES = new Set('bin onnx pkl pt pth npy npz h5 zip gz tar safetensors parquet so exe'.split(' '));

export const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
export const extensionOf = (path: string) => /\.([^./]+)$/.exec(nameOf(path))?.[1]?.toLowerCase() ?? '';

/** Names of the files that processes write what they say to. */
export const isLog = (path: string) =>
  /(^|\/)((stdout|stderr|output|console)(\.txt)?|[^/]*\.(log|out|err))$/i.test(path);

export function viewerOf(path: string): ViewerKind {
  if (nameOf(path) === 'MLmodel') return 'model';
  if (isLog(path)) return 'log';
  const extension = extensionOf(path);
  return KIND.get(extension) ?? (BYTES.has(extension) ? 'bytes' : 'text');
}

/** Kinds that read only a part of a file however large it is, or leave it to the browser. */
export const readsParts = (kind: ViewerKind) =>
  kind === 'log' || kind === 'bytes' || kind === 'audio' || kind === 'video' || kind === 'frame';

/** A picture of a series that MLflow's log_image wrote: `images/KEY%step%N%timestamp%T%UUID.png`. */
export interface SeriesImage {
  key: string;
  step: number;
  timestamp: number;
}

export function seriesImageOf(path: string): SeriesImage | undefined {
  const [, key, step, timestamp] =
    /^(.*?)[%+]step[%+](\d+)[%+]timestamp[%+](\d+)[%+][0-9a-f-]{36}\.png$/.exec(nameOf(path)) ?? [];
  return key === undefined
    ? undefined
    : { key: key.replaceAll('#', '/'), step: Number(step), timestamp: Number(timestamp) };
}

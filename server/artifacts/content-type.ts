/** The media type of an artifact by its name: MLflow's list of text files, then the usual ones. Source: `mlflow/utils/mime_type_utils.py`. */

const TEXT = new Set(
  'txt log err cfg conf cnf cf ini properties prop hocon toml yaml yml xml json js py py3 csv tsv md rst mlmodel mlproject'.split(
    ' ',
  ),
);

const OTHERS: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  ico: 'image/vnd.microsoft.icon',
  pdf: 'application/pdf',
  zip: 'application/zip',
  gz: 'application/gzip',
  tar: 'application/x-tar',
  mp3: 'audio/mpeg',
  wav: 'audio/x-wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
};

/** `name` is the last part of a path; a name without an extension is its own (MLmodel). */
export function contentType(name: string): string {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  if (TEXT.has(extension)) return 'text/plain; charset=utf-8';
  return OTHERS[extension] ?? 'application/octet-stream';
}

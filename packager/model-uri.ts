/** A model URI to a path on this machine: folders and files as they are, what a tracking server or S3 keeps in a temporary folder. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface LocalModel {
  /** A folder, or an ONNX file. */
  readonly path: string;
  /** Removes the folder if it is a download. It is removed when the process ends, too. */
  remove(): void;
}

/** Of models that a tracking server keeps, or S3. */
const REMOTE = ['runs', 'models', 'mlflow-artifacts', 's3'] as const;
export type RemoteScheme = (typeof REMOTE)[number];
export const isRemote = (scheme: string): scheme is RemoteScheme => (REMOTE as readonly string[]).includes(scheme);

const UNDERSTOOD =
  'a folder, an ONNX file, file:, runs:/ID/PATH, models:/NAME/VERSION, models:/NAME@ALIAS, models:/m-ID, mlflow-artifacts:/PATH, s3://BUCKET/PATH';

/**
 * Finds a model, downloading it if it is not on this machine. The tracking server is `MLTRACK_TRACKING_URI`, else
 * `MLFLOW_TRACKING_URI`. Throws an Error of one line when the URI is not understood or there is nothing there.
 */
export async function resolveModel(uri: string): Promise<LocalModel> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return { path: uri, remove() {} };
  if (scheme === 'file') return { path: pathOf(uri), remove() {} };
  if (!isRemote(scheme)) throw new Error(`Cannot read the model URI ${uri}: it must be ${UNDERSTOOD}`);
  const folder = await mkdtemp(join(tmpdir(), 'mltrack-model-'));
  const remove = () => {
    process.off('exit', remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  try {
    const { downloadModel } = await import('./model-download.js');
    await downloadModel(scheme, uri, join(folder, 'model'));
  } catch (error) {
    remove();
    throw error;
  }
  return { path: join(folder, 'model'), remove };
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw new Error(`Cannot read the model URI ${uri}: ${(error as Error).message}`);
  }
}

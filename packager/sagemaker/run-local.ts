/** `sagemaker run-local`: a model in the folders, and with the environment, that SageMaker gives a container. */
import { rmSync } from 'node:fs';
import { chmod, constants, copyFile, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveModel } from '../model-uri.js';
import { modelFiles } from './archive.js';
import { REPOSITORY } from './aws/image.js';
import { CONTAINER_ENVIRONMENT } from './model.js';

export interface LocalContainer {
  /** What is /opt/ml in the container. */
  readonly root: string;
  /** What is /opt/ml/model in it. */
  readonly model: string;
  /** What the container's processes find in their environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Removes the folder; it is removed when the process ends, too. */
  remove(): void;
}

/**
 * Lays a model out in a private folder: the files that `model.tar.gz` would hold and no others, so that one that is missing
 * there is missing here. Throws an Error of one line when there is no model.
 */
export async function layOut(modelUri: string): Promise<LocalContainer> {
  const source = await resolveModel(modelUri);
  const root = await mkdtemp(join(tmpdir(), 'mltrack-local-'));
  const remove = () => {
    process.off('exit', remove);
    rmSync(root, { recursive: true, force: true });
  };
  process.once('exit', remove);
  try {
    const ml = join(root, 'opt/ml');
    const model = join(ml, 'model');
    for (const { name, path } of await modelFiles(source.path)) {
      const file = join(model, name);
      await mkdir(dirname(file), { recursive: true });
      await copyFile(path, file, constants.COPYFILE_FICLONE);
      // As in the archive: the image's user need not be the one here.
      await chmod(file, 0o644);
    }
    return { root: ml, model, environment: { ...CONTAINER_ENVIRONMENT, ORT_DISABLE_TELEMETRY: '1' }, remove };
  } catch (error) {
    remove();
    throw error;
  } finally {
    source.remove();
  }
}

/** Where a container engine lets the server answer. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The arguments of docker or podman that serve the model from an image as SageMaker does. */
export function engineArguments(
  { model, environment }: LocalContainer,
  { host, port }: Address,
  image: string,
): string[] {
  const publish = `${host.includes(':') ? `[${host}]` : host}:${port}:8080`;
  const variables = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return ['run', '--rm', '--publish', publish, '--volume', `${model}:/opt/ml/model:ro`, ...variables, image, 'serve'];
}

/** The program that a container runs, and what tells it that it is in none. */
export function containerProgram({ root, environment }: LocalContainer, { host, port }: Address) {
  return {
    command: [process.execPath, PROGRAM, 'serve'],
    environment: { ...environment, SAGEMAKER_BASE_DIR: root, SAGEMAKER_BIND_TO_PORT: String(port), MLTRACK_HOST: host },
  };
}

/** Built, this module lies in `dist`, as the container's entry does. */
const PROGRAM = fileURLToPath(new URL('./container-entry.js', import.meta.url));

/** What `build-and-push` calls the image on this machine. */
export const localImage = (version: string) => `${REPOSITORY}:${version}`;

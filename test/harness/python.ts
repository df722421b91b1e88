/** Python for a test: virtual environments and packages by requirements files, made on first use and kept in .cache. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kept } from './kept.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const INTERPRETER = process.env.PYTHON ?? 'python3';

export const EXAMPLE_REQUIREMENTS = join(root, 'examples/python/requirements.txt');
export const TRITON_REQUIREMENTS = join(root, 'test/interop/triton-requirements.txt');

/** moto, which answers as AWS does. */
export const AWS_REQUIREMENTS = join(root, 'test/sagemaker/requirements.txt');

/** Packages whose networks are served; none of their code runs. */
export const NETWORK_PACKAGES = join(root, 'test/interop/network-packages.txt');

/** MLflow's client of the second major version, which Python programs still have. */
export const OLDER_MLFLOW = join(root, 'test/interop/clients/mlflow-skinny.txt');

/** tensorboardX, which writes event files. */
export const TENSORBOARD_REQUIREMENTS = join(root, 'test/interop/sdk/tensorboard-requirements.txt');

/** Python's onnxruntime in the version of ours. */
export const ONNXRUNTIME_PACKAGE = join(root, 'test/interop/onnxruntime.txt');

/** How long a first use may take, in ms: MLflow and its dependencies are some 100 packages. */
export const INSTALL_TIME = 900_000;

/** Path of a Python interpreter that has the packages. `tell` hears what takes long. */
export async function pythonWith(requirements: string, tell: (text: string) => void = () => {}): Promise<string> {
  const home = await keptFor('venv', requirements, async (folder) => {
    tell('installing the Python packages of the tests');
    await run(INTERPRETER, ['-m', 'venv', folder]);
    await install(join(folder, 'bin/python'), requirements);
  });
  return join(home, 'bin/python');
}

/** Path of a folder with the packages' files, without those they depend on; fetched with the example's Python. */
export async function packagesIn(requirements: string, tell: (text: string) => void = () => {}): Promise<string> {
  const python = await pythonWith(EXAMPLE_REQUIREMENTS, tell);
  return keptFor('packages', requirements, (folder) => {
    tell('fetching the packages that the tests read');
    return install(python, requirements, '--no-deps', '--target', folder);
  });
}

async function install(python: string, requirements: string, ...options: string[]): Promise<void> {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  await run(python, [...pip, ...options], { maxBuffer: 1 << 26 });
}

/** The folder made of the requirements file and of this version of Python. */
async function keptFor(kind: string, requirements: string, make: (folder: string) => Promise<void>): Promise<string> {
  const { stdout: version } = await run(INTERPRETER, ['--version']).catch((cause) => {
    throw new Error(`No ${INTERPRETER}: install Python 3.10 or newer, or name it in PYTHON.`, { cause });
  });
  return kept(kind, [version, await readFile(requirements)], make);
}

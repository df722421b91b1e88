/** Python for a test: a virtual environment with the packages of a requirements file, made on first use and kept in .cache. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(root, '.cache');

export const EXAMPLE_REQUIREMENTS = join(root, 'examples/python/requirements.txt');
export const TRITON_REQUIREMENTS = join(root, 'test/interop/triton-requirements.txt');

/** How long a first use may take, in ms: MLflow and its dependencies are some 100 packages. */
export const INSTALL_TIME = 900_000;

/** Path of a Python interpreter that has the packages. `tell` hears what takes long. */
export async function pythonWith(requirements: string, tell: (text: string) => void = () => {}): Promise<string> {
  const interpreter = process.env.PYTHON ?? 'python3';
  const { stdout: version } = await run(interpreter, ['--version']).catch((cause) => {
    throw new Error(`No ${interpreter}: install Python 3.10 or newer, or name it in PYTHON.`, { cause });
  });
  const hash = createHash('sha256')
    .update(version)
    .update(await readFile(requirements));
  const link = join(CACHE, `venv-${hash.digest('hex').slice(0, 12)}`);
  const python = join(link, 'bin/python');
  if (await exists(python)) return python;
  tell('installing the Python packages of the tests');
  await mkdir(CACHE, { recursive: true });
  // A virtual environment cannot be moved: the finished one gets a link, and of two made at once the first one counts.
  const home = await mkdtemp(`${link}-`);
  try {
    await run(interpreter, ['-m', 'venv', home]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
    await run(join(home, 'bin/python'), pip, { maxBuffer: 1 << 26 });
    await symlink(basename(home), link);
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return python;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

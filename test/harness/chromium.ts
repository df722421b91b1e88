/**
 * Finds a Chromium for the browser tests, or unpacks one: `CHROME_PATH`, else a browser on PATH, else the one of the
 * npm package @sparticuz/chromium (no root needed), else, as root, apt-get's. And the software GPU of that package.
 */
import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));
const TEST_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

export interface Chromium {
  executablePath: string;
  env: Record<string, string>;
}

export async function findChromium(): Promise<Chromium> {
  const given = process.env.CHROME_PATH;
  if (given) return { executablePath: given, env: {} };
  const found = (await onPath()) ?? (await unpacked());
  if (found) return found;
  if (process.getuid?.() === 0) {
    await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], { maxBuffer: 1 << 26 });
    const installed = await onPath();
    if (installed) return installed;
  }
  throw new Error('No Chromium: put one on PATH, or its path into CHROME_PATH.');
}

async function onPath(): Promise<Chromium | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const executablePath = join(folder, name);
      if (await isExecutable(executablePath)) return { executablePath, env: {} };
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The package's files in the cache folder. They come with the libraries that a bare machine lacks. */
async function unpacked(): Promise<Chromium | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const home = join(CACHE, 'chromium');
  const executablePath = join(home, 'chromium');
  if (!(await isExecutable(executablePath))) await unpack(home);
  return {
    executablePath,
    env: { LD_LIBRARY_PATH: join(home, 'al2023', 'lib'), FONTCONFIG_FILE: join(home, 'fonts.conf') },
  };
}

/**
 * The environment that shows a process a GPU in software: Chromium's SwiftShader, and a loader of Vulkan drivers, which the
 * npm package has too.
 */
export async function softwareGpu(): Promise<Record<string, string>> {
  await unpacked();
  const driver = join(CACHE, 'chromium', 'vk_swiftshader_icd.json');
  await access(driver);
  return { VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: join(CACHE, 'chromium') };
}

/** Unpacks beside the place and renames, because several test files may need the browser at once. */
async function unpack(home: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'chromium-'));
  const script = "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath();";
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: TEST_FOLDER,
    // The package unpacks below the temporary directory, and its libraries only where it believes itself in AWS Lambda.
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
  });
  const fonts = ['/usr/share/fonts', join(home, 'fonts', 'fonts')].map((each) => `<dir>${each}</dir>`).join('');
  const cache = `<cachedir>${join(home, 'fonts-cache')}</cachedir>`;
  await writeFile(join(folder, 'fonts.conf'), `<?xml version="1.0"?><fontconfig>${fonts}${cache}</fontconfig>\n`);
  try {
    await rename(folder, home);
  } catch {
    // Another process was first; its copy is the same.
    await rm(folder, { recursive: true, force: true });
  }
}

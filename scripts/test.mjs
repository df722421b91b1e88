/** `npm test`: installs what the tests need, builds what is out of date, runs vitest with the arguments after `--`. */
import { buildIfStale, install, must, root, say } from './prepare.mjs';
import { countLine, runTests } from './vitest.mjs';

const args = process.argv.slice(2);
install(['client', 'test']);
buildIfStale();
// With files named, each test prepares what it needs by itself.
if (!args.some((arg) => !arg.startsWith('-'))) await prepareAll();
const { status, ...counts } = await runTests(args);
console.log(countLine(counts));
process.exitCode = status;

/** Everything that takes long is fetched before the first test, and said. */
async function prepareAll() {
  const { runnerImport } = await import('vite');
  const load = async (file) => (await runnerImport(`${root}test/harness/${file}`)).module;
  const { findChromium } = await load('chromium.ts');
  say('looking for Chromium');
  await findChromium();
  must('Making the base of images', process.execPath, [`${root}scripts/debian-layer.mjs`]);
  const {
    AWS_REQUIREMENTS,
    NETWORK_PACKAGES,
    ONNXRUNTIME_PACKAGE,
    packagesIn,
    pythonWith,
    TENSORBOARD_REQUIREMENTS,
    TRITON_REQUIREMENTS,
  } = await load('python.ts');
  await packagesIn(NETWORK_PACKAGES, say);
  await packagesIn(ONNXRUNTIME_PACKAGE, say);
  await pythonWith(TENSORBOARD_REQUIREMENTS, say);
  await pythonWith(TRITON_REQUIREMENTS, say);
  await pythonWith(AWS_REQUIREMENTS, say);
}

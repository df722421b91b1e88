/** dist/container/: the code that an image runs, bundled and minified, with the licences and a list of the packages in it. */
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const ENTRY_POINTS = [
  { in: 'packager/container/entry.ts', out: 'container' },
  { in: 'packager/serving/engine/worker.ts', out: 'serving-worker' },
  { in: 'packager/serving/probing/provider-probe.ts', out: 'serving-probe' },
];

/** In an image, onnxruntime's libraries lie in a folder beside the code: its JavaScript looks for them elsewhere. */
const libraries = {
  name: 'onnxruntime-libraries',
  setup({ onLoad }) {
    onLoad({ filter: /onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const place = /require\(`[^`]*onnxruntime_binding\.node`\)/;
      if (!place.test(text)) throw new Error(`${path} does not load its library as expected`);
      return { contents: text.replace(place, "require('./onnxruntime/onnxruntime_binding.node')") };
    });
  },
};

/** `settings`: of esbuild, as for the other bundles. */
export async function buildContainer(settings, root) {
  const out = join(root, 'dist/container');
  rmSync(out, { recursive: true, force: true });
  const { metafile } = await build({
    ...settings,
    entryPoints: ENTRY_POINTS,
    outdir: out,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    minify: true,
    sourcemap: false,
    legalComments: 'none',
    // A container's model is a folder: it fetches none from S3.
    external: ['./onnxruntime/onnxruntime_binding.node', '@aws-sdk/*'],
    plugins: [libraries],
    metafile: true,
  });
  // Files of Node's module type beside the code, which has no package.json in an image.
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }\n');
  const names = Object.keys(metafile.inputs).map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  const packages = [...new Set(names)]
    .filter(Boolean)
    .sort()
    .map((name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')))
    .map(({ name, version, license }) => ({ name, version, license }));
  writeFileSync(join(out, 'packages.json'), JSON.stringify(packages));
  cpSync(join(root, 'packager/container/licenses'), join(out, 'licenses'), { recursive: true });
  copyFileSync(join(root, 'LICENSE'), join(out, 'licenses/mltrack.txt'));
  for (const { name } of packages) copyLicense(join(root, 'node_modules', name), name, join(out, 'licenses'));
}

/** onnxruntime's packages carry no licence; its own text lies in packager/container/licenses. */
function copyLicense(from, name, to) {
  if (name.startsWith('onnxruntime-')) return;
  const file = readdirSync(from).find((each) => /^licen[cs]e/i.test(each));
  if (!file) throw new Error(`${name} is bundled and has no licence file`);
  mkdirSync(to, { recursive: true });
  copyFileSync(join(from, file), join(to, `${name.replace('/', '-')}.txt`));
}

/** `mltrack sagemaker build-and-push`: the image that serves models, made without Docker. */
import { writeFile } from 'node:fs/promises';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../../api/version.js';
import type { Platform } from '../../packager/index.js';
import { CommandError } from '../failure.js';
import { MODEL_URI } from '../models/model-uri.js';

interface BuildArgs {
  container: string;
  tag: string;
  platform: Platform;
  base: string | undefined;
  withModel: string | undefined;
  push: boolean;
  output: string | undefined;
  sbom: string | undefined;
  json: boolean;
}

function options(yargs: Argv): Argv<BuildArgs> {
  return yargs
    .option('container', {
      alias: 'c',
      type: 'string',
      default: 'mlflow-pyfunc',
      describe: 'The image’s name: the repository in the registry',
    })
    .option('tag', { type: 'string', default: VERSION, defaultDescription: 'mltrack’s version', describe: 'Its tag' })
    .option('platform', {
      choices: ['linux/amd64', 'linux/arm64'] as const,
      default: 'linux/amd64' as const,
      describe: 'What the image runs on',
    })
    .option('base', {
      type: 'string',
      defaultDescription: 'mltrack’s own: C libraries, certificates, locales',
      describe:
        'What it stands on, with glibc 2.28 or newer and libstdc++: an image of a registry, or oci:FOLDER, an OCI image layout',
    })
    .option('with-model', { type: 'string', describe: `A model to put inside: ${MODEL_URI.describe}` })
    .option('push', { type: 'boolean', default: true, describe: 'Send it to the registry; --no-push does not' })
    .option('output', {
      alias: 'o',
      type: 'string',
      describe: 'Also write a file that docker load takes, or with oci:FOLDER an OCI image layout',
    })
    .option('sbom', { type: 'string', describe: 'Also write the list of what is inside: SPDX, a JSON file' })
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
    .epilog(
      'The same options give the same image, to the byte, on every machine. Node and onnxruntime for the platform come from npm; they and the finished layers are kept in ~/.cache/mltrack [MLTRACK_CACHE].',
    ) as unknown as Argv<BuildArgs>;
}

/** As registries have it (https://distribution.github.io/distribution/spec/api/). */
const NAME = /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

function check({ container, tag, push }: BuildArgs): void {
  if (!NAME.test(container)) {
    throw new CommandError(
      `--container is '${container}': it must be lower-case letters, digits and . _ - / between them`,
    );
  }
  if (!TAG.test(tag)) {
    throw new CommandError(`--tag is '${tag}': it must be letters, digits and . _ -, 128 at most, no . or - first`);
  }
  if (push) throw new CommandError('This version pushes no images: give --no-push, and --output for a file');
}

async function build(args: ArgumentsCamelCase<BuildArgs>): Promise<void> {
  check(args);
  const { container, tag, platform, base = 'builtin', withModel: modelUri, output, sbom: sbomFile, json } = args;
  const started = performance.now();
  const tell = (text: string) => console.error(`mltrack: ${text}`);
  const packager = await import('../../packager/index.js');
  const { image, sbom } = await packager.buildImage({ platform, base, version: VERSION, modelUri, tell });
  const name = `${container}:${tag}`;
  const folder = output && /^oci:(.+)$/.exec(output)?.[1];
  if (folder) await packager.writeLayout(image, name, folder);
  else if (output) await packager.writeArchive(image, name, output);
  if (sbomFile !== undefined) await writeFile(sbomFile, sbom);
  const size = image.layers.reduce((total, layer) => total + layer.size, 0);
  tell(`${(size / 1e6).toFixed(1)} MB in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const imageByDigest = `${container}@${image.digest}`;
  console.log(
    json
      ? JSON.stringify({ image: name, digest: image.digest, imageByDigest, pushedBytes: 0 })
      : `${name}\n${imageByDigest}`,
  );
}

export const buildAndPush: CommandModule<object, BuildArgs> = {
  command: ['build-and-push', 'build-and-push-container'],
  describe: 'Make the image that serves models, without Docker',
  builder: options,
  handler: build,
};

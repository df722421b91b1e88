/** `mltrack sagemaker build-and-push`: the image that serves models, made and sent to ECR without Docker. */
import { readFile, writeFile } from 'node:fs/promises';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../../api/version.js';
import type { BuiltImage, Conversation, Platform, PushedImage } from '../../packager/index.js';
import { CommandError } from '../failure.js';
import { MODEL_URI } from '../models/model-uri.js';
import { progressLine } from '../progress.js';
import { DRY_RUN, JSON_RESULT, REGION_NAME } from './flags.js';
import { runVerb } from './interruptible.js';

interface BuildArgs {
  container: string;
  tag: string;
  platform: Platform;
  base: string | undefined;
  withModel: string | undefined;
  gpu: string | undefined;
  gpuSha256: string | undefined;
  push: boolean;
  regionName: string | undefined;
  registry: string | undefined;
  immutableTags: boolean;
  scanOnPush: boolean;
  kmsKey: string | undefined;
  lifecyclePolicy: string | undefined;
  output: string | undefined;
  sbom: string | undefined;
  dryRun: boolean;
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
      describe: 'What it stands on, with glibc 2.28 or newer and libstdc++: an image in a registry, or oci:FOLDER',
    })
    .option('with-model', { type: 'string', describe: `A model to put inside: ${MODEL_URI.describe}` })
    .option('gpu', {
      type: 'string',
      describe: 'File of onnxruntime’s release with its CUDA provider, a .tgz; needs --base with CUDA and cuDNN',
    })
    .option('gpu-sha256', { type: 'string', describe: 'SHA-256 that the file of --gpu must have' })
    .option('push', { type: 'boolean', default: true, describe: 'Send it to ECR; --no-push does not' })
    .option('region-name', REGION_NAME)
    .option('registry', {
      type: 'string',
      defaultDescription: 'ECR’s',
      describe: 'Scheme, host and port of where the bytes go; the image is called as ECR calls it [MLTRACK_REGISTRY]',
    })
    .option('immutable-tags', { type: 'boolean', default: false, describe: 'A new repository’s tags cannot be moved' })
    .option('scan-on-push', { type: 'boolean', default: false, describe: 'A new repository scans what arrives' })
    .option('kms-key', { type: 'string', describe: 'KMS key that encrypts a new repository' })
    .option('lifecycle-policy', { type: 'string', describe: 'File with a new repository’s lifecycle policy, JSON' })
    .option('output', {
      alias: 'o',
      type: 'string',
      describe: 'Also write a file that docker load takes, or with oci:FOLDER an OCI image layout',
    })
    .option('sbom', { type: 'string', describe: 'Also write the list of what is inside: SPDX, a JSON file' })
    .option('dry-run', { ...DRY_RUN, describe: `${DRY_RUN.describe}; the image is made` })
    .option('json', JSON_RESULT)
    .epilog(
      'The same options give the same image, to the byte, on every machine. Node and onnxruntime for the platform come from npm; they and the finished layers are kept in ~/.cache/mltrack [MLTRACK_CACHE].',
    ) as unknown as Argv<BuildArgs>;
}

/** As registries have it (https://distribution.github.io/distribution/spec/api/). */
const NAME = /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

function check({ container, tag, gpu, gpuSha256 }: BuildArgs): void {
  if ((gpu === undefined) !== (gpuSha256 === undefined)) throw new CommandError('--gpu and --gpu-sha256 go together');
  if (gpuSha256 !== undefined && !/^[0-9a-f]{64}$/i.test(gpuSha256)) {
    throw new CommandError(`--gpu-sha256 is '${gpuSha256}': it must be 64 hexadecimal digits`);
  }
  if (!NAME.test(container)) {
    throw new CommandError(
      `--container is '${container}': it must be lower-case letters, digits and . _ - / between them`,
    );
  }
  if (!TAG.test(tag)) {
    throw new CommandError(`--tag is '${tag}': it must be letters, digits and . _ -, 128 at most, no . or - first`);
  }
}

const tell = (text: string) => console.error(`mltrack: ${text}`);

async function build(args: BuildArgs): Promise<BuiltImage> {
  const { container, tag, platform, base = 'builtin', withModel: modelUri, output, sbom: sbomFile } = args;
  const started = performance.now();
  const { gpu: path, gpuSha256 } = args;
  const gpu = path !== undefined && gpuSha256 !== undefined ? { path, sha256: gpuSha256.toLowerCase() } : undefined;
  const images = await import('../../packager/images.js');
  const built = await images.buildImage({ platform, base, version: VERSION, modelUri, gpu, tell });
  const name = `${container}:${tag}`;
  const folder = output && /^oci:(.+)$/.exec(output)?.[1];
  if (folder) await images.writeLayout(built.image, name, folder);
  else if (output) await images.writeArchive(built.image, name, output);
  if (sbomFile !== undefined) await writeFile(sbomFile, built.sbom);
  const size = built.image.layers.reduce((total, layer) => total + layer.size, 0);
  tell(`${(size / 1e6).toFixed(1)} MB in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return built;
}

async function send(args: ArgumentsCamelCase<BuildArgs>, { image }: BuiltImage): Promise<void> {
  const { container: name, tag, regionName: region, registry, immutableTags, scanOnPush, kmsKey } = args;
  const lifecyclePolicy = args.lifecyclePolicy === undefined ? undefined : await readFile(args.lifecyclePolicy, 'utf8');
  const { pushImage } = await import('../../packager/index.js');
  const line = progressLine(process.stderr, `mltrack: pushing ${name}:${tag}`);
  const push = (talk: Conversation) =>
    pushImage({
      ...talk,
      ...{ image, name, tag, region, registry },
      repository: { immutableTags, scanOnPush, kmsKey, lifecyclePolicy },
      onProgress: line.update,
    });
  await runVerb(
    args,
    (talk) => push(talk).finally(line.end),
    (result) => print(result, args),
  );
}

function print(result: PushedImage, { json }: BuildArgs): void {
  console.log(json ? JSON.stringify(result) : `${result.image}\n${result.imageByDigest}`);
}

async function run(args: ArgumentsCamelCase<BuildArgs>): Promise<void> {
  check(args);
  const built = await build(args);
  const { container, tag, push } = args;
  const { digest } = built.image;
  if (push) await send(args, built);
  else print({ image: `${container}:${tag}`, digest, imageByDigest: `${container}@${digest}`, pushedBytes: 0 }, args);
}

export const buildAndPush: CommandModule<object, BuildArgs> = {
  command: ['build-and-push', 'build-and-push-container'],
  describe: 'Make the image that serves models and send it to ECR, without Docker',
  builder: options,
  handler: run,
};

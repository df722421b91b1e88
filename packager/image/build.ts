/** The recipe of an image that serves models: base, Node, onnxruntime, mltrack's code, and the model if one is to be inside. */
import { resolveModel } from '../model-uri.js';
import { assemble, type Platform } from './assemble.js';
import { trimLayers } from './cache.js';
import { findBase } from './foundation.js';
import { Compressor } from './gzip.js';
import type { Image } from './image.js';
import { blobPath, type Layer, makeLayer, type Recipe } from './layer.js';
import { modelLayer } from './model-layer.js';
import {
  cudaLayer,
  type NamedArchive,
  nodeLayer,
  npmUrl,
  onnxruntimeLayer,
  PROGRAM,
  runtimeComponents,
  servingLayer,
} from './runtime.js';
import { spdx } from './sbom.js';

export interface BuildOptions {
  readonly platform: Platform;
  /** `builtin`, `oci:FOLDER`, or an image of a registry: see `findBase`. */
  readonly base: string;
  /** Of mltrack. */
  readonly version: string;
  /** Any URI that `resolveModel` understands; without one SageMaker's mount brings the model. */
  readonly modelUri?: string | undefined;
  /** onnxruntime's CUDA provider; needs a base with CUDA and cuDNN, and linux/amd64. */
  readonly gpu?: NamedArchive | undefined;
  /** Hears what happens, a line at a time. */
  readonly tell: (text: string) => void;
}

export interface BuiltImage {
  readonly image: Image;
  /** The software bill of materials that lies in the image, SPDX JSON. */
  readonly sbom: Uint8Array;
}

/** Where SageMaker expects the server, unless it names another. */
const PORT = 8080;

const ENV = {
  PATH: '/opt/mltrack/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  // Looked at when the native library is loaded: it would send usage data.
  ORT_DISABLE_TELEMETRY: '1',
  // A crash ends the container, for the platform to replace it.
  MLTRACK_SUPERVISED: '0',
};

/** What makes NVIDIA's container runtime bring the driver in. */
const GPU_ENV = { NVIDIA_VISIBLE_DEVICES: 'all', NVIDIA_DRIVER_CAPABILITIES: 'compute,utility' };

/** https://docs.aws.amazon.com/sagemaker/latest/dg/build-multi-model-build-container.html and the page on inference pipelines. */
const CAPABILITIES = {
  'com.amazonaws.sagemaker.capabilities.accept-bind-to-port': 'true',
  'com.amazonaws.sagemaker.capabilities.multi-models': 'true',
};

/** The same options give the same image on every machine. Throws an Error of one line when a part cannot be had. */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const { modelUri } = options;
  if (modelUri === undefined) return build(options, undefined);
  const model = await resolveModel(modelUri);
  try {
    const { runId } = await (await import('../mlmodel.js')).readModel(model.path);
    return await build(options, {
      layer: await modelLayer(model.path, modelUri),
      labels: modelLabels(modelUri, runId),
    });
  } finally {
    model.remove();
  }
}

function checkGpu({ base, platform }: BuildOptions): void {
  if (base === 'builtin')
    throw new Error('--gpu needs --base: an image with CUDA and cuDNN, which mltrack’s own has not');
  if (platform !== 'linux/amd64') throw new Error('--gpu is for linux/amd64');
}

interface ModelInside {
  readonly layer: Recipe;
  readonly labels: Readonly<Record<string, string>>;
}

async function build(options: BuildOptions, model: ModelInside | undefined): Promise<BuiltImage> {
  const { platform, version, gpu, tell } = options;
  if (gpu) checkGpu(options);
  const base = await findBase(options.base, platform);
  const own = { name: 'mltrack', version, license: 'Apache-2.0', purl: npmUrl('mltrack', version) };
  const sbom = spdx(own, [...(await runtimeComponents(platform)), ...base.components]);
  const layers = await made(
    [
      ...base.layers,
      nodeLayer(platform, tell),
      onnxruntimeLayer(platform, tell),
      ...(gpu ? [cudaLayer(gpu)] : []),
      await servingLayer(version, sbom),
      ...(model ? [model.layer] : []),
    ],
    tell,
  );
  const image = assemble(layers, {
    platform,
    env: { ...base.env, ...ENV, ...(gpu && GPU_ENV) },
    labels: {
      ...base.labels,
      ...CAPABILITIES,
      'org.opencontainers.image.title': 'mltrack',
      'org.opencontainers.image.version': version,
      ...model?.labels,
    },
    entrypoint: PROGRAM,
    command: ['serve'],
    port: PORT,
  });
  return { image, sbom };
}

/** The run is the one that the URI names, else the one that logged the model. */
function modelLabels(uri: string, logged: string | undefined): Record<string, string> {
  const run = /^runs:\/+([^/]+)/.exec(uri)?.[1] ?? logged;
  return { 'mltrack.model.uri': uri, ...(run !== undefined && { 'mltrack.model.run-id': run }) };
}

/** All at once: they share the compressor's threads. */
async function made(parts: readonly (Layer | Recipe)[], tell: (text: string) => void): Promise<Layer[]> {
  const compressor = new Compressor();
  try {
    const layers = await Promise.all(
      parts.map(async (part) => {
        const layer = 'diffId' in part ? part : await makeLayer(part, compressor);
        tell(`${(layer.size / 1e6).toFixed(1).padStart(6)} MB  ${layer.title}`);
        return layer;
      }),
    );
    await trimLayers(layers.map(({ digest }) => blobPath(digest)));
    return layers;
  } finally {
    await compressor.close();
  }
}

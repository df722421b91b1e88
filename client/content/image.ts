/**
 * `logImage`: pictures as artifacts, by themselves or as the steps of a key, named as MLflow names them.
 * Source: `log_image` in `mlflow/tracking/client.py`, `convert_to_pil_image` in `mlflow/tracking/multimedia.py`.
 */
import { fitted, type Pixels, png } from './png.js';
import { type Bytes, type ContentTarget, checkedFile, invalid } from './target.js';

type Numbers = { readonly length: number; readonly [at: number]: number | bigint };

/**
 * An array of pixels: `shape` (or `dims`, as onnxruntime has it) is height, width and, if any, channels (1, 3 or 4). Integers are 0 to
 * 255; fractions 0 to 1, and stretched to that where one lies outside. `ImageData` of a canvas fits, too.
 */
export type ImageArray =
  | { readonly data: Numbers; readonly shape: readonly number[] }
  | { readonly data: Numbers; readonly dims: readonly number[] }
  | { readonly data: Numbers; readonly width: number; readonly height: number };

/** A canvas of a browser, or one that a worker draws on. */
export type CanvasLike =
  | { convertToBlob(options?: { type?: string }): Promise<Blob> }
  | { toBlob(callback: (blob: Blob | null) => void, type?: string): void };

/** The bytes of a PNG, JPEG, GIF or WebP file, which stay as they are; a canvas; or pixels. */
export type ImageInput = Uint8Array | ArrayBuffer | Blob | CanvasLike | ImageArray;

export interface ImageOptions {
  /** The artifact to store it as; else give a `key`. */
  file?: string;
  /** What the pictures of several steps have in common. */
  key?: string;
  /** Default 0. */
  step?: number | bigint;
  /** ms since the epoch. Default: now. */
  timestamp?: number;
}

/** The tag that says a run has pictures by key. */
const LOGGED_IMAGES = 'mlflow.loggedImages';
/** The runs that have it. */
const tagged = new WeakSet<ContentTarget>();
/** The longest side of what lists of pictures show. */
const THUMBNAIL = 256;

/** Logs a picture. Rejects with INVALID_PARAMETER_VALUE when it is none, or not exactly one of `file` and `key` is given. */
export async function logImage(run: ContentTarget, image: ImageInput, options: ImageOptions | string): Promise<void> {
  const { file, key, step, timestamp } = typeof options === 'string' ? ({ file: options } as ImageOptions) : options;
  if ((file === undefined) === (key === undefined)) throw invalid('Give exactly one of file and key');
  if (file !== undefined) {
    if (step !== undefined || timestamp !== undefined) throw invalid('step and timestamp go with a key, not a file');
    checkedFile(file);
    await run.logBytes((await encoded(image)).full, file);
    return;
  }
  if (!/^[a-zA-Z0-9_\-./ ]+$/.test(key!)) {
    throw invalid(`The key may hold letters, digits, '_', '-', '.', ' ' and '/' only, not '${key}'`);
  }
  const { full, small } = await encoded(image);
  const stamp = `step+${step ?? 0}+timestamp+${timestamp ?? Date.now()}`;
  const name = `images/${key!.replaceAll('/', '~')}+${stamp}+${randomId()}`;
  // MLflow's page finds pictures by these two names. What they are, browsers see in their bytes.
  await run.logBytes(full, `${name}.png`);
  await run.logBytes(small, `${name}+compressed.webp`);
  if (tagged.has(run)) return;
  tagged.add(run);
  await run.setTags({ [LOGGED_IMAGES]: 'True' });
}

interface Encoded {
  readonly full: Bytes;
  readonly small: Bytes;
}

async function encoded(image: ImageInput): Promise<Encoded> {
  if (typeof image !== 'object' || image === null) throw invalid(NO_IMAGE);
  if (isPixels(image)) {
    const pixels = pixelsOf(image);
    const full = await png(pixels);
    const small = fitted(pixels, THUMBNAIL);
    return { full, small: small === pixels ? full : await png(small) };
  }
  const bytes = await bytesOf(image);
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  if (!FORMATS.test(start)) throw invalid('The image is neither PNG, JPEG, GIF nor WebP; pixels need a shape');
  return { full: bytes, small: bytes };
}

const isPixels = (image: ImageInput): image is ImageArray =>
  'data' in image && ('shape' in image || 'dims' in image || 'width' in image);

async function bytesOf(image: Exclude<ImageInput, ImageArray>): Promise<Uint8Array<ArrayBuffer>> {
  if (image instanceof Uint8Array) return image as Uint8Array<ArrayBuffer>;
  if (image instanceof ArrayBuffer) return new Uint8Array(image);
  const blob = 'arrayBuffer' in image ? image : await drawn(image);
  return new Uint8Array(await blob.arrayBuffer());
}

async function drawn(canvas: CanvasLike): Promise<Blob> {
  if ('convertToBlob' in canvas) return canvas.convertToBlob({ type: 'image/png' });
  if (!('toBlob' in canvas)) throw invalid(NO_IMAGE);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw invalid('The canvas has no pixels');
  return blob;
}

const NO_IMAGE = 'The image is neither bytes, a canvas nor pixels with a shape';

/** How PNG, JPEG, GIF and WebP files begin. */
const FORMATS = /^(\x89PNG\r\n|\xff\xd8\xff|GIF8|RIFF....WEBP)/s;

/** 8 bits a channel. Throws INVALID_PARAMETER_VALUE when shape and values make no picture. */
export function pixelsOf(image: ImageArray): Pixels {
  const { height, width, channels } = sizeOf(image);
  const { data } = image;
  const count = height * width * channels;
  if (data.length !== count) {
    throw invalid(`The image has ${data.length} values, but its shape makes ${count}`);
  }
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return { width, height, channels, data };
  return { width, height, channels, data: scaled(data, count) };
}

function sizeOf(image: ImageArray): { height: number; width: number; channels: 1 | 3 | 4 } {
  const shape =
    'shape' in image
      ? image.shape
      : 'dims' in image
        ? image.dims
        : [image.height, image.width, image.data.length / (image.height * image.width)];
  const [height = 0, width = 0, channels = 1] = shape;
  const isWhole = [height, width].every((length) => Number.isInteger(length) && length > 0);
  if (shape.length < 2 || shape.length > 3 || !isWhole || ![1, 3, 4].includes(channels)) {
    throw invalid(`An image's shape is height, width and 1, 3 or 4 channels, not [${shape.join(', ')}]`);
  }
  return { height, width, channels: channels as 1 | 3 | 4 };
}

/** A list of plain numbers counts as fractions when one has a fraction, as numpy would take it. */
const isFractions = (data: Numbers, count: number) => {
  if (data instanceof Float32Array || data instanceof Float64Array) return true;
  if (ArrayBuffer.isView(data)) return false;
  for (let at = 0; at < count; at++) if (!Number.isInteger(Number(data[at]))) return true;
  return false;
};

function scaled(data: Numbers, count: number): Uint8Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const value = Number(data[at]);
    if (!Number.isFinite(value)) throw invalid(`An image's values are finite numbers, not ${value}`);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const bytes = new Uint8Array(count);
  if (!isFractions(data, count)) {
    if (low < 0 || high > 255) {
      throw invalid(`Integer pixel values must lie between 0 and 255: there are ${low} and ${high}`);
    }
    for (let at = 0; at < count; at++) bytes[at] = Number(data[at]);
    return bytes;
  }
  const fits = low >= 0 && high <= 1;
  const from = fits ? 0 : low;
  const range = fits ? 1 : high - low || 1;
  for (let at = 0; at < count; at++) bytes[at] = ((Number(data[at]) - from) / range) * 255;
  return bytes;
}

/** A UUID; `crypto.randomUUID` is missing in pages that came over plain http. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Writes pixels as PNG (https://www.w3.org/TR/png-3/): 8 bits a channel, no interlacing. It reads none. */
import { crc32 } from '../checksum.js';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Grey, red-green-blue, or that with opacity. */
  readonly channels: 1 | 3 | 4;
  /** Row by row, `width * height * channels` bytes. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const COLOUR = { 1: 0, 3: 2, 4: 6 } as const;
/** Each byte less the one a pixel before: what most pictures and plots become small with. */
const FILTER_SUB = 1;

/** The bytes of a PNG file. */
export async function png(pixels: Pixels): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, channels } = pixels;
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8);
  header.setUint8(9, COLOUR[channels]);
  const parts = [
    SIGNATURE,
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', await deflated(scanlines(pixels))),
    chunk('IEND', new Uint8Array(0)),
  ];
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function scanlines({ width, height, channels, data }: Pixels): Uint8Array<ArrayBuffer> {
  const row = width * channels;
  const lines = new Uint8Array((row + 1) * height);
  for (let y = 0; y < height; y++) {
    const from = y * row;
    const to = y * (row + 1);
    lines[to] = FILTER_SUB;
    for (let x = 0; x < row; x++) {
      lines[to + 1 + x] = data[from + x]! - (x < channels ? 0 : data[from + x - channels]!);
    }
  }
  return lines;
}

/** zlib's format; Node and browsers have the same stream. */
async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function chunk(type: string, contents: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(contents.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, contents.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(contents, 8);
  view.setUint32(contents.length + 8, crc32(bytes.subarray(4, contents.length + 8)));
  return bytes;
}

/** The pixels made to fit a square of that side, each the mean of those it covers; smaller pictures stay as they are. */
export function fitted(pixels: Pixels, side: number): Pixels {
  const { width, height, channels, data } = pixels;
  const scale = Math.max(width, height) / side;
  if (scale <= 1) return pixels;
  const columns = Math.max(1, Math.floor(width / scale));
  const rows = Math.max(1, Math.floor(height / scale));
  const small = new Uint8Array(columns * rows * channels);
  for (let y = 0; y < rows; y++) {
    const [top, bottom] = covered(y, rows, height);
    for (let x = 0; x < columns; x++) {
      const [left, right] = covered(x, columns, width);
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let v = top; v < bottom; v++) {
          for (let u = left; u < right; u++) sum += data[(v * width + u) * channels + channel]!;
        }
        small[(y * columns + x) * channels + channel] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return { width: columns, height: rows, channels, data: small };
}

const covered = (at: number, count: number, length: number) =>
  [Math.floor((at * length) / count), Math.max(Math.floor(((at + 1) * length) / count), 1)] as const;

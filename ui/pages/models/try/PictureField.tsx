/** A picture for a tensor: dropped or chosen, drawn to the size that the model takes, and turned into numbers here in the browser. */
import { useId, useRef, useState } from 'react';
import type { PictureShape } from './request.js';

interface PictureFieldProps {
  label: string;
  shape: PictureShape;
  /** Whole numbers from 0 to 255; else from 0 to 1. */
  isBytes: boolean;
  onTensor: (json: string) => void;
}

export function PictureField({ label, shape, isBytes, onTensor }: PictureFieldProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isOver, setOver] = useState(false);
  const [said, setSaid] = useState<string>();
  const id = useId();
  const take = async (file: File | undefined) => {
    const context = canvas.current?.getContext('2d', { willReadFrequently: true });
    if (!file || !context) return;
    try {
      const picture = await createImageBitmap(file);
      context.clearRect(0, 0, shape.width, shape.height);
      context.drawImage(picture, 0, 0, shape.width, shape.height);
      const { data } = context.getImageData(0, 0, shape.width, shape.height);
      onTensor(JSON.stringify(tensorOf(data, shape, isBytes)));
      setSaid(`${file.name}, ${picture.width} × ${picture.height} px`);
    } catch {
      setSaid('The browser cannot read this picture.');
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped may also be chosen with the button in it
    <div
      className={isOver ? 'picture-drop picture-over' : 'picture-drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer.files[0]);
      }}
    >
      <canvas ref={canvas} width={shape.width} height={shape.height} role="img" aria-label={`Picture for ${label}`} />
      <label htmlFor={id}>
        Drop a picture, or choose one: it is drawn at {shape.width} × {shape.height}
        {shape.channels === 1 && ', in grey'}
      </label>
      <input id={id} type="file" accept="image/*" onChange={(event) => take(event.target.files?.[0])} />
      <span role="status" className="muted">
        {said}
      </span>
    </div>
  );
}

function tensorOf(data: Uint8ClampedArray, shape: PictureShape, isBytes: boolean): unknown {
  const { width, height, channels, isChannelsFirst, hasBatch } = shape;
  const scale = (value: number) => (isBytes ? Math.round(value) : Number((value / 255).toFixed(5)));
  const at = (x: number, y: number, channel: number) => {
    const start = (y * width + x) * 4;
    const part = (each: number) => data[start + each] ?? 0;
    // The weights of ITU-R BT.601, as most libraries turn colours grey.
    return scale(channels === 1 ? 0.299 * part(0) + 0.587 * part(1) + 0.114 * part(2) : part(channel));
  };
  const range = <T,>(length: number, make: (index: number) => T) => Array.from({ length }, (_, index) => make(index));
  const picture = isChannelsFirst
    ? range(channels, (channel) => range(height, (y) => range(width, (x) => at(x, y, channel))))
    : range(height, (y) => range(width, (x) => range(channels, (channel) => at(x, y, channel))));
  return hasBatch ? [picture] : picture;
}

/** Drawing on a canvas that has the size of its box and as many pixels as the screen. */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';

export interface Size {
  width: number;
  height: number;
}

/** Of the element's box, anew when it changes; undefined before the first drawing. */
export function useSize<T extends Element>(): [RefObject<T | null>, Size | undefined] {
  const ref = useRef<T>(null);
  const [size, setSize] = useState<Size>();
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((before) => (before?.width === width && before.height === height ? before : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}

export type Draw = (context: CanvasRenderingContext2D, size: Size) => void;

/** Draws anew, before the next frame, whenever `draw` is another function. */
export function useDrawing(size: Size | undefined, draw: Draw): RefObject<HTMLCanvasElement | null> {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!size) return;
    const frame = requestAnimationFrame(() => {
      const canvas = ref.current;
      if (canvas) drawOn(canvas, size, draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [size, draw]);
  return ref;
}

function drawOn(canvas: HTMLCanvasElement, { width, height }: Size, draw: Draw, ratio = devicePixelRatio): void {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(ratio, ratio);
  draw(context, { width, height });
}

/** The drawings one over the other as a PNG, on the page's ground. */
export function pngOf(size: Size, draws: readonly Draw[]): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const { page } = inks();
  drawOn(
    canvas,
    size,
    (context) => {
      context.fillStyle = page;
      context.fillRect(0, 0, size.width, size.height);
      for (const draw of draws) draw(context, size);
    },
    2,
  );
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be made.'))), 'image/png'),
  );
}

export interface Inks {
  page: string;
  text: string;
  muted: string;
  border: string;
  line: string;
  accent: string;
  font: string;
}

/** The colours and the font of the page as they are now. */
export function inks(): Inks {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    page: of('--page'),
    text: of('--text'),
    muted: of('--muted'),
    border: of('--border'),
    line: of('--control-border'),
    accent: of('--accent'),
    font: getComputedStyle(document.body).fontFamily,
  };
}

/** A text on a plate of the page's colour, so that it can be read over lines. */
export function plated(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  { page, text: ink }: Inks,
): void {
  const { width } = context.measureText(text);
  const left = context.textAlign === 'right' ? x - width : context.textAlign === 'center' ? x - width / 2 : x;
  context.globalAlpha = 0.78;
  context.fillStyle = page;
  context.fillRect(left - 2, y - 7, width + 4, 14);
  context.globalAlpha = 1;
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

/** Cut with an ellipsis where it is wider. */
export function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let cut = text.slice(0, 60);
  while (cut.length > 1 && context.measureText(`${cut}…`).width > width) cut = cut.slice(0, -1);
  return `${cut}…`;
}

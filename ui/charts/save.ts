/** A chart as a file: its picture with title and legend, or any text. */

import type { Line } from './model/lines.js';
import { strokeOf } from './paint.js';

export const fileNameOf = (title: string) => title.replace(/[^\p{L}\p{N}._-]+/gu, '-') || 'chart';

export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const MARGIN = 12;
const ROW = 18;
const MOST_NAMES = 40;

/** PNG in the canvas's own resolution, on the page's colour. */
export function savePicture(title: string, lines: readonly Line[], drawn: HTMLCanvasElement): void {
  const ratio = devicePixelRatio;
  const width = drawn.width / ratio + 2 * MARGIN;
  const named = lines.length > 1 ? lines.slice(0, MOST_NAMES) : [];
  const columns = Math.max(1, Math.floor((width - 2 * MARGIN) / 200));
  const canvas = document.createElement('canvas');
  const top = MARGIN + 24;
  const legend = top + drawn.height / ratio + 8;
  canvas.width = width * ratio;
  canvas.height = (legend + Math.ceil(named.length / columns) * ROW + MARGIN) * ratio;
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  const style = getComputedStyle(document.body);
  ctx.fillStyle = style.backgroundColor;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(drawn, MARGIN * ratio, top * ratio);
  ctx.scale(ratio, ratio);
  ctx.fillStyle = style.color;
  ctx.font = `600 13px ${style.fontFamily}`;
  ctx.fillText(title, MARGIN, MARGIN + 12, width - 2 * MARGIN);
  ctx.font = `11px ${style.fontFamily}`;
  named.forEach((line, at) => {
    const x = MARGIN + (at % columns) * 200;
    const y = legend + Math.floor(at / columns) * ROW + 9;
    ctx.strokeStyle = strokeOf(line.look);
    ctx.lineWidth = 2;
    ctx.setLineDash([...line.look.dash]);
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x + 18, y);
    ctx.stroke();
    ctx.fillText(line.name, x + 24, y + 4, 168);
  });
  canvas.toBlob((blob) => {
    if (blob) saveFile(`${fileNameOf(title)}.png`, blob);
  });
}

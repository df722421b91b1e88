/** The shape of a curve in the size of a word. It says nothing that the numbers beside it do not, so it is hidden from those who hear the page. */
import type { Curve } from '../../../api/index.js';
import { isDrawable } from '../../display/numbers.js';

const EDGE = 2;

interface SparklineProps {
  curve: Curve | undefined;
  /** px */
  width?: number;
  height?: number;
}

export function Sparkline({ curve, width = 88, height = 20 }: SparklineProps) {
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      {curve && <path d={pathOf(curve, width, height)} />}
    </svg>
  );
}

function pathOf({ steps = [], last = [], mean = [] }: Curve, width: number, height: number): string {
  const values = mean.length > 0 ? mean : last;
  const xs = steps.map(Number);
  const drawable = values.filter(isDrawable);
  const [least, most] = [Math.min(...drawable), Math.max(...drawable)];
  const [from, to] = [xs[0] ?? 0, xs.at(-1) ?? 0];
  const x = (step: number) => EDGE + ((step - from) / (to - from || 1)) * (width - 2 * EDGE);
  const y = (value: number) => height - EDGE - ((value - least) / (most - least || 1)) * (height - 2 * EDGE);
  let isDown = false;
  return values
    .map((value, index) => {
      if (!isDrawable(value)) {
        isDown = false;
        return '';
      }
      const point = `${x(xs[index] ?? 0).toFixed(1)} ${y(most === least ? least : value).toFixed(1)}`;
      const part = isDown ? `L${point}` : `M${point}h.01`;
      isDown = true;
      return part;
    })
    .join('');
}

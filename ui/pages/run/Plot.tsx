/** The drawing of a curve by uPlot, which is loaded with the first chart only. */
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { shortNumber, tickNumber } from '../../display/numbers.js';
import type { Series, XAxis } from '../../display/series.js';
import { duration } from '../../display/times.js';
import { useDark } from '../../state/theme.js';

const HEIGHT = 160;
const FEW_POINTS = 60;

interface PlotProps {
  series: Series;
  axis: XAxis;
}

export default function Plot({ series, axis }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [read, setRead] = useState<string>();
  const isDark = useDark();
  const hasFew = series.x.length <= FEW_POINTS;
  const data = useRef<uPlot.AlignedData>([[], []]);
  data.current = [series.x, series.y];

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew when the scheme changes
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const drawn = new uPlot(options(element, axis, hasFew, setRead), data.current, element);
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [axis, hasFew, isDark]);

  useEffect(() => {
    plot.current?.setData([series.x, series.y]);
  }, [series]);

  return (
    <div className="plot">
      <div ref={place} />
      <p className="plot-reading" aria-hidden="true">
        {read}
      </p>
    </div>
  );
}

function options(
  element: HTMLElement,
  axis: XAxis,
  hasFew: boolean,
  onRead: (text: string | undefined) => void,
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const grid = { stroke: color('--border'), width: 1 };
  const xText = (x: number) => (axis === 'step' ? tickNumber(x) : duration(x * 1000));
  const base = { stroke: color('--muted'), font, grid, ticks: { ...grid, size: 4 } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    // The crosshair stands at the same x in every chart of the page.
    cursor: { y: false, sync: { key: 'x' }, points: { size: 6 } },
    scales: { x: { time: false, range: xRange } },
    axes: [
      { ...base, size: 26, space: 64, values: (_, ticks) => ticks.map(xText) },
      { ...base, size: 52, space: 32, values: (_, ticks) => ticks.map(tickNumber) },
    ],
    series: [{}, { stroke: color('--run-1'), width: 1.5, points: { show: hasFew, size: 4, fill: color('--run-1') } }],
    hooks: {
      setCursor: [
        (drawn) => {
          const { idx } = drawn.cursor;
          const x = idx === null || idx === undefined ? undefined : drawn.data[0][idx];
          if (x === undefined || idx === null || idx === undefined) onRead(undefined);
          else onRead(`${axis === 'step' ? `step ${x}` : xText(x)}: ${reading(drawn.data[1]?.[idx])}`);
        },
      ],
    },
  };
}

/** What is asked for, but for values at one x only: they stand in the middle. */
const xRange: uPlot.Range.Function = ({ data: [x] }, min, max) => {
  const [first = min, last = first] = [x[0], x.at(-1)];
  return first === last ? [first - 1, first + 1] : [min, max];
};

const reading = (y: number | null | undefined) => (y === null || y === undefined ? 'not finite' : shortNumber(y));

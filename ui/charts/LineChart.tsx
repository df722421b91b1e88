/** One chart: a metric of many runs, or some metrics of one run, as lines that can be pointed at, zoomed, and read as text. */
import { type KeyboardEvent, lazy, memo, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { Dialog } from '../components/Dialog.js';
import { Skeleton } from '../components/Empty.js';
import { ErrorNotice } from '../components/ErrorNotice.js';
import { UserText } from '../components/UserText.js';
import { count, fullNumber, shortNumber } from '../display/numbers.js';
import { setActiveChart } from './active-chart.js';
import { ChartMenu } from './ChartMenu.js';
import { ChartTable } from './ChartTable.js';
import { keyAct, singleKeyAct } from './chart-keys.js';
import { Legend } from './Legend.js';
import { type ChartFrame, frameOf, zoomed } from './model/frame.js';
import type { Grouping } from './model/groups.js';
import type { Line } from './model/lines.js';
import type { Look } from './model/palette.js';
import { exactNumber, type LineSummary, oddities, placeText, summaryOf, summaryText } from './model/reading.js';
import type { Range } from './model/ticks.js';
import { type ChartSettings, rangeText, USUAL_SMOOTHING } from './settings.js';
import { Tooltip } from './Tooltip.js';
import { type ChartRun, useLines } from './use-lines.js';
import { type Pointer, usePointer } from './use-pointer.js';

// Asked for with the first chart, so that it is there when the first curve is.
const plot = import('./Plot.js');
const Plot = lazy(() => plot);

export interface LineChartProps {
  /** The metric, or what its metrics have in common. */
  title: string;
  keys: readonly string[];
  runs: readonly ChartRun[];
  looks: ReadonlyMap<string, Look>;
  settings: ChartSettings;
  grouping?: Grouping | undefined;
  onToggleGroup?: ((id: string) => void) | undefined;
  /** Runs whose bands are drawn among many. */
  selected?: ReadonlySet<string> | undefined;
  /** The horizontal range that several charts share. */
  xShared?: Range | undefined;
  height?: number;
  /** In a dialog of its own. */
  isFull?: boolean;
}

const HEIGHT = 190;
const MANY_BANDS = 20;

export function LineChart(props: LineChartProps) {
  const { title, keys, runs, looks, settings, grouping, selected, xShared, height = HEIGHT, isFull = false } = props;
  const figure = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(undefined);
  const [width, setWidth] = useState<number>();
  const [ownZoom, setOwnZoom] = useState<Range>();
  const [yZoom, setYZoom] = useState<Range>();
  const [asTable, setAsTable] = useState(false);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setWidth(figure.current?.clientWidth), []);

  const { axis, isClipped, isLinked } = settings;
  const xZoom = isLinked ? settings.xZoom : ownZoom;
  const setXZoom = (range: Range | undefined) =>
    isLinked ? settings.set({ xr: range && rangeText(range) }) : setOwnZoom(range);
  const { lines, isReading, error, retry } = useLines({
    keys,
    runs,
    looks,
    settings,
    grouping,
    xZoom,
    width: width ?? 0,
  });
  const [logX, logY] = [settings.logX.of(title), settings.logY.of(title)];
  const frame = useMemo(
    () => frameOf(lines, { logX, logY, isClipped, xZoom, yZoom, xShared }),
    [lines, logX, logY, isClipped, xZoom, yZoom, xShared],
  );
  const pointer = usePointer(lines, frame);
  const hasBand = useMemo(() => {
    if (lines.length <= MANY_BANDS) return () => true;
    return ({ id }: Line) => id === pointer.bold || (selected?.has(id) ?? false);
  }, [lines, pointer.bold, selected]);
  const summaries = useMemo(() => lines.map(summaryOf), [lines]);

  const toggleSmoothing = () => settings.set({ smooth: settings.smoothing > 0 ? '' : String(USUAL_SMOOTHING) });
  const acts = { log: () => settings.logY.toggle(title), smooth: toggleSmoothing, open: () => setOpen(true) };
  const reset = () => {
    setXZoom(undefined);
    setYZoom(undefined);
  };
  const zoom = (factor: number) => {
    if (frame) setXZoom(zoomed(frame.x, pointer.pointed?.x ?? (frame.x[0] + frame.x[1]) / 2, factor, logX));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = keyAct(event, { ...acts, pointer, reset, zoom });
    if (!act) return;
    event.preventDefault();
    if (event.key === 'Escape') event.stopPropagation();
    act();
  };
  const activate = () => setActiveChart((key) => singleKeyAct(key, acts)?.());

  const label = `${title}, ${runs.length === 1 ? (runs[0]?.name ?? '') : count(runs.length, 'run')}`;
  const [only] = summaries;
  return (
    <figure
      ref={figure}
      className={isFull ? 'chart chart-full' : 'chart'}
      aria-label={label}
      onPointerEnter={activate}
      onFocus={activate}
    >
      <figcaption className="chart-caption">
        {!isFull && <UserText text={title} cut="middle" />}
        <span className="chart-latest">
          {lines.length === 1 && only?.last && (
            <span title={fullNumber(only.last.value)}>{shortNumber(only.last.value)}</span>
          )}
        </span>
        {(xZoom || yZoom) && (
          <button type="button" className="button quiet" onClick={reset}>
            Reset zoom<span className="visually-hidden"> of {title}</span>
          </button>
        )}
        <ChartMenu
          {...{ title, lines, settings, asTable, canvas }}
          isFull={isFull}
          onTable={() => setAsTable(!asTable)}
          onFull={() => setOpen(true)}
          onSmoothing={toggleSmoothing}
        />
      </figcaption>
      <div className="chart-body" style={{ minHeight: height }}>
        {error && lines.length === 0 ? (
          <ErrorNotice what={title} error={error} onRetry={retry} />
        ) : lines.length === 0 || !frame ? (
          isReading || width === undefined ? (
            <Skeleton rows={1} height={height} />
          ) : (
            <p className="chart-empty muted">No values here.</p>
          )
        ) : asTable ? (
          <ChartTable title={title} lines={lines} summaries={summaries} height={height} />
        ) : (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
          <div
            className="chart-plot"
            role="group"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys read it, see its label
            tabIndex={0}
            aria-label={`Curves of ${title}: arrow keys read the values`}
            onKeyDown={onKeyDown}
            onBlur={pointer.leave}
          >
            <Suspense fallback={<Skeleton rows={1} height={height} />}>
              <Plot
                {...{ axis, height, lines, frame, hasBand }}
                bold={pointer.bold}
                onPoint={pointer.point}
                onPin={pointer.pin}
                onZoomX={setXZoom}
                onZoomY={setYZoom}
                onCanvas={(element) => {
                  canvas.current = element;
                }}
              />
            </Suspense>
            {pointer.pointed && (
              <Tooltip
                place={placeText(axis, pointer.pointed.x, frame.x)}
                readings={pointer.readings}
                pointed={pointer.pointed}
                bold={pointer.bold}
                isPinned={pointer.isPinned}
              />
            )}
            <p className="visually-hidden" aria-live="polite">
              {pointer.isSpoken && pointer.pointed && spoken(placeText(axis, pointer.pointed.x, frame.x), pointer)}
            </p>
          </div>
        )}
      </div>
      {frame && <Notes summaries={summaries} frame={frame} onClip={() => settings.set({ clip: '1' })} />}
      <Legend lines={lines} grouping={grouping} onToggleGroup={props.onToggleGroup} isShown={keys.length > 1} />
      <Summary title={title} summaries={summaries} />
      {isOpen && (
        <Dialog title={title} look="full" onClose={() => setOpen(false)}>
          <LineChart {...props} isFull height={Math.max(240, innerHeight - 220)} />
        </Dialog>
      )}
    </figure>
  );
}

/** The chart in words, for those who cannot see it. */
const Summary = memo(({ title, summaries }: { title: string; summaries: readonly LineSummary[] }) => (
  <ul className="visually-hidden" aria-label={`Summary of ${title}`}>
    {summaries.map((summary) => (
      <li key={summary.id}>{summaryText(summary)}</li>
    ))}
  </ul>
));

interface NotesProps {
  summaries: readonly LineSummary[];
  frame: ChartFrame;
  onClip: () => void;
}

/** What the chart leaves out, or cannot draw as a line. */
function Notes({ summaries, frame, onClip }: NotesProps) {
  const odd = summaries.filter((each) => each.odd);
  const total = (column: 'nan' | 'posInf' | 'negInf') => odd.reduce((sum, each) => sum + each[column], 0);
  const parts = [
    frame.notPositive > 0 && `${count(frame.notPositive, 'point')} ≤ 0 not shown`,
    frame.above > 0 && `△ ${count(frame.above, 'value')} above`,
    frame.below > 0 && `▽ ${count(frame.below, 'value')} below`,
    odd.length === 1 && `${odd[0]?.odd}${summaries.length > 1 ? ` in ${odd[0]?.name}` : ''}`,
    odd.length > 1 && `${oddities(total('nan'), total('posInf'), total('negInf'))} in ${odd.length} runs`,
  ].filter((each) => each !== false);
  if (parts.length === 0 && !frame.isFlattened) return null;
  return (
    <p className="chart-note muted">
      {parts.join(' · ')}
      {frame.isFlattened && (
        <>
          {parts.length > 0 && ' · '}a few values far out flatten the lines:{' '}
          <button type="button" className="link" onClick={onClip}>
            clip them
          </button>
        </>
      )}
    </p>
  );
}

function spoken(place: string, { readings, bold }: Pointer): string {
  const first = readings.filter(({ line }) => line.id === bold);
  const rest = readings.filter(({ line }) => line.id !== bold);
  const said = [...first, ...rest].slice(0, 3).map(({ line, value }) => `${line.name} ${exactNumber(value)}`);
  return [place, ...said].join(', ');
}

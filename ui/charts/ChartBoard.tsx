/** The charts of many metrics: pinned ones first, the rest in sections, only those near what is seen at work. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { Empty } from '../components/Empty.js';
import { ErrorBoundary } from '../components/Panel.js';
import { useShortcuts } from '../state/shortcuts.js';
import { actOnActiveChart } from './active-chart.js';
import { BoardToolbar } from './BoardToolbar.js';
import { ChartSection } from './ChartSection.js';
import { LineChart, type LineChartProps } from './LineChart.js';
import type { Axis } from './model/lines.js';
import { matcherOf, sectionsOf } from './model/sections.js';
import { type Address, type ChartSettings, useChartSettings } from './settings.js';

interface ChartBoardProps
  extends Pick<LineChartProps, 'runs' | 'looks' | 'grouping' | 'onToggleGroup' | 'selected' | 'xShared'> {
  /** Every metric that there is to show. */
  keys: readonly string[];
  address: Address;
  usualAxis?: Axis;
  /** More than the others of these are open from the start. */
  isAllOpen?: boolean;
}

/** Sections that are open at first, of more metrics than are taken in at a glance. */
const OPEN_AT_FIRST = 2;
const GLANCE = 24;
const HEIGHTS: Record<number, number> = { 1: 340, 2: 240 };
const HEIGHT = 190;

export function ChartBoard({ keys, address, usualAxis, isAllOpen = false, ...chart }: ChartBoardProps) {
  const kept = useChartSettings(address, usualAxis);
  const [settings, setSmoothing] = useDraggedSmoothing(kept);
  useShortcuts(SHORTCUTS);
  const { sought, pins, columns } = settings;
  const matches = useMemo(() => matcherOf(sought), [sought]);
  const found = useMemo(() => (matches ? keys.filter(matches) : keys), [keys, matches]);
  const pinned = pins.filter((pin) => found.includes(pin));
  const sections = useMemo(() => sectionsOf(found.filter((key) => !pins.includes(key))), [found, pins]);
  const one = (key: string, height: number) => (
    <ErrorBoundary key={key} what={key}>
      <NearChart {...chart} title={key} keys={[key]} settings={settings} height={height} />
    </ErrorBoundary>
  );
  // The fewer there are, the more room each has.
  const heightOf = (charts: number) => HEIGHTS[columns ?? (found.length === 1 ? 1 : charts === 1 ? 2 : 4)] ?? HEIGHT;
  return (
    <div className="board">
      <BoardToolbar
        {...{ settings, keys }}
        shown={found.length}
        isPattern={matches !== undefined}
        onSmoothing={setSmoothing}
      />
      {found.length === 0 && <Empty title="No metric matches the search" />}
      {pinned.length > 0 && (
        <ChartSection title="Pinned" count={pinned.length} isOpenAtFirst columns={columns}>
          {pinned.map((key) => one(key, heightOf(pinned.length)))}
        </ChartSection>
      )}
      {sections.map(({ prefix, keys: members }, place) => (
        <ChartSection
          key={prefix}
          title={prefix}
          count={members.length}
          isOpenAtFirst={isAllOpen || place < OPEN_AT_FIRST || found.length <= GLANCE}
          columns={columns}
        >
          {members.map((key) => one(key, heightOf(members.length)))}
        </ChartSection>
      ))}
    </div>
  );
}

const SHORTCUTS = [
  ['y', 'Logarithmic y axis'],
  ['s', 'Smoothing on or off'],
  ['f', 'Full screen'],
].map(([chord = '', label = '']) => ({
  chord,
  label: `${label}, of the chart last pointed at`,
  group: 'Charts',
  run: () => actOnActiveChart(chord),
}));

/** While the slider moves, the charts follow it and the address does not. */
function useDraggedSmoothing(settings: ChartSettings): [ChartSettings, (weight: number) => void] {
  const [dragged, setDragged] = useState<number>();
  const { set } = settings;
  useEffect(() => {
    if (dragged === undefined) return;
    const timer = setTimeout(() => {
      set({ smooth: dragged > 0 ? String(dragged) : '' });
      setDragged(undefined);
    }, 300);
    return () => clearTimeout(timer);
  }, [dragged, set]);
  const shown = useMemo(
    () => (dragged === undefined ? settings : { ...settings, smoothing: dragged }),
    [settings, dragged],
  );
  return [shown, setDragged];
}

/** A chart while it is within half a screen of what is seen; else its place. */
function NearChart(props: LineChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const root = element.closest('.board-scroll') ?? element.closest('main');
    const observer = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting ?? false), {
      root,
      rootMargin: '50% 0px',
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} className="chart-place" style={{ minHeight: (props.height ?? HEIGHT) + 44 }}>
      {isNear && <LineChart {...props} />}
    </div>
  );
}

/** What holds for all charts of a page: search, axis, smoothing, and the rarer choices in a menu. */
import { useId } from 'react';
import { Menu } from '../components/Menu.js';
import { SearchField } from '../components/SearchField.js';
import { count } from '../display/numbers.js';
import type { ChartSettings } from './settings.js';

interface BoardToolbarProps {
  settings: ChartSettings;
  keys: readonly string[];
  shown: number;
  /** The search is one that can be done. */
  isPattern: boolean;
  onSmoothing: (weight: number) => void;
}

const MOST_KEYS = 200;

export function BoardToolbar({ settings, keys, shown, isPattern, onSmoothing }: BoardToolbarProps) {
  const { axis, smoothing, sought, set } = settings;
  const id = useId();
  const across = keys.slice(0, MOST_KEYS).map((key) => `metrics.${key}`);
  if (!['step', 'time', 'rel', ...across].includes(axis)) across.unshift(axis);
  return (
    <div className="toolbar board-toolbar">
      <SearchField label="Search charts" value={sought} onChange={(text) => set({ charts: text })} />
      <label className="board-choice" htmlFor={`${id}-x`}>
        <span className="muted">x</span>
        <select
          id={`${id}-x`}
          className="field"
          aria-label="Horizontal axis"
          value={axis}
          onChange={(event) => set({ x: event.target.value, xr: '' })}
        >
          <option value="step">Step</option>
          <option value="time">Wall time</option>
          <option value="rel">Relative time</option>
          <optgroup label="A metric">
            {across.map((value) => (
              <option key={value} value={value}>
                {value.slice('metrics.'.length)}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <label className="board-choice" htmlFor={`${id}-smooth`}>
        <span className="muted">Smoothing</span>
        <input
          id={`${id}-smooth`}
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={smoothing}
          onChange={(event) => onSmoothing(Number(event.target.value))}
        />
        <output className="board-number" htmlFor={`${id}-smooth`}>
          {smoothing.toFixed(2)}
        </output>
      </label>
      <Toggles settings={settings} />
      <p className="toolbar-end muted" role="status">
        {!isPattern && 'Not a regular expression · '}
        {count(keys.length, 'metric')}
        {shown < keys.length && ` · ${shown.toLocaleString('en')} shown`}
      </p>
    </div>
  );
}

function Toggles({ settings }: { settings: ChartSettings }) {
  const { logX, logY, isClipped, isLinked, value, columns, set } = settings;
  const flip =
    (name: string, isOn: boolean, on = '1', off = '') =>
    () =>
      set({ [name]: isOn ? off : on });
  const toggles = [
    { label: 'Log y', isOn: logY.isUsual, run: () => logY.toggle() },
    ...(isClipped ? [{ label: 'Clip outliers', isOn: true, run: flip('clip', isClipped) }] : []),
  ];
  const items = [
    { label: 'Clip outliers', isChecked: isClipped, run: flip('clip', isClipped) },
    { label: 'Log x', isChecked: logX.isUsual, run: () => logX.toggle() },
    { label: 'Zoom all charts together', isChecked: isLinked, run: () => set({ link: isLinked ? '0' : '', xr: '' }) },
    { label: 'Lines: means of buckets', isChecked: value === 'mean', run: () => set({ value: '' }) },
    { label: 'Lines: last values of buckets', isChecked: value === 'last', run: () => set({ value: 'last' }) },
    ...[undefined, 1, 2, 3, 4].map((n) => ({
      label: n === undefined ? 'As many charts in a row as fit' : `${n} in a row`,
      isChecked: columns === n,
      run: () => set({ row: n?.toString() }),
    })),
  ];
  return (
    <>
      {toggles.map(({ label, isOn, run }) => (
        <button key={label} type="button" className="button" aria-pressed={isOn} onClick={run}>
          {label}
        </button>
      ))}
      <Menu label="More about charts" items={items}>
        More <span aria-hidden="true">▾</span>
      </Menu>
    </>
  );
}

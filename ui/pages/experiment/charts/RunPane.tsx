/** The runs whose curves are shown: colour, an eye to hide, name, group; and how they are coloured and grouped. */
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { GroupBand } from '../../../charts/model/groups.js';
import { cssColour, type Look } from '../../../charts/model/palette.js';
import type { ChartSettings } from '../../../charts/settings.js';
import { Swatch } from '../../../charts/Tooltip.js';
import { UserText } from '../../../components/UserText.js';
import { count } from '../../../display/numbers.js';
import { runLink } from '../../../links.js';
import { client } from '../../../queries/connection.js';
import { PARENT, type RunRow, refreshRows, useRunKeys } from '../../../queries/run-rows.js';
import { highlightRun, useHighlightedRun } from '../../../state/highlight.js';
import { useNarrow } from '../../../state/media.js';
import type { RunScope } from '../../../state/run-scope.js';
import { toastError } from '../../../state/toasts.js';
import { MORE } from './ChartsView.js';

interface RunPaneProps {
  scope: RunScope;
  settings: ChartSettings;
  shown: readonly RunRow[];
  looks: ReadonlyMap<string, Look>;
  hidden: ReadonlySet<string>;
  isRunningOnly: boolean;
  /** Matches in all; undefined where the runs shown are those selected. */
  total: number | undefined;
  onHidden: (ids: readonly string[]) => void;
  /** Runs that have come since. */
  followed: { fresh: number; show: () => void };
}

export function RunPane(props: RunPaneProps) {
  const isNarrow = useNarrow();
  if (!isNarrow) return <PaneBody {...props} />;
  return (
    <details className="run-pane-fold">
      <summary>Runs and colours</summary>
      <PaneBody {...props} />
    </details>
  );
}

function PaneBody({ scope, settings, shown, looks, hidden, isRunningOnly, total, onHidden, followed }: RunPaneProps) {
  const bold = useHighlightedRun();
  const toggle = (id: string) => onHidden(hidden.has(id) ? [...hidden].filter((each) => each !== id) : [...hidden, id]);
  return (
    <section className="run-pane" aria-label="Runs shown">
      <PaneChoices scope={scope} settings={settings} />
      <p className="run-pane-count muted">
        {total === undefined ? `${shown.length} selected` : `Showing ${shown.length} of ${total.toLocaleString('en')}`}
        {total === undefined ? (
          <button type="button" className="link" onClick={() => scope.set({ pick: '0' })}>
            show the first runs
          </button>
        ) : (
          shown.length < total && (
            <button type="button" className="link" onClick={() => scope.set({ shown: String(shown.length + MORE) })}>
              show more
            </button>
          )
        )}
      </p>
      {total !== undefined && scope.selected.length > 0 && (
        <p className="run-pane-count">
          <button type="button" className="link" onClick={() => scope.set({ pick: '' })}>
            show the {scope.selected.length} selected
          </button>
        </p>
      )}
      {followed.fresh > 0 && total !== undefined && (
        <p className="run-pane-count">
          {count(followed.fresh, 'new run')}
          <button type="button" className="link" onClick={followed.show}>
            show
          </button>
        </p>
      )}
      <div className="run-pane-toggles">
        <label>
          <input
            type="checkbox"
            checked={isRunningOnly}
            onChange={() => scope.set({ fin: isRunningOnly ? '' : '0' })}
          />{' '}
          Running only
        </label>
        {hidden.size > 0 && (
          <button type="button" className="link" onClick={() => onHidden([])}>
            show {hidden.size} hidden
          </button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <ul className="run-list" tabIndex={0} aria-label="Runs" onPointerLeave={() => highlightRun(undefined)}>
        {shown.map((row) => (
          <RunItem
            key={row.info.run_id}
            row={row}
            look={looks.get(row.info.run_id)}
            group={scope.group && scope.group !== PARENT ? row.values[scope.group] : undefined}
            isHidden={hidden.has(row.info.run_id)}
            isBold={bold === row.info.run_id}
            onToggle={toggle}
          />
        ))}
      </ul>
    </section>
  );
}

interface RunItemProps {
  row: RunRow;
  look: Look | undefined;
  group: string | number | undefined;
  isHidden: boolean;
  isBold: boolean;
  onToggle: (id: string) => void;
}

function RunItem({ row: { info }, look, group, isHidden, isBold, onToggle }: RunItemProps) {
  const name = info.run_name || info.run_id;
  const className = `run-item${isHidden ? ' run-item-hidden' : ''}${isBold ? ' run-item-bold' : ''}`;
  return (
    <li
      className={className}
      onPointerEnter={() => highlightRun(info.run_id)}
      onFocus={() => highlightRun(info.run_id)}
    >
      <ColourField runId={info.run_id} name={name} look={look} />
      <button
        type="button"
        className="eye"
        aria-pressed={!isHidden}
        aria-label={`Show ${name}`}
        onClick={() => onToggle(info.run_id)}
      >
        <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
          <path d="M1.500 8C3 5 5.300 3.500 8 3.500S13 5 14.500 8C13 11 10.700 12.500 8 12.500S3 11 1.500 8Z" />
          {isHidden ? <path d="M3 13 13 3" /> : <circle cx="8" cy="8" r="2" />}
        </svg>
      </button>
      <Link href={runLink(info.experiment_id, info.run_id)}>
        <UserText text={name} cut="middle" />
      </Link>
      {group !== undefined && <span className="run-item-group muted">{group}</span>}
    </li>
  );
}

/** The run's colour, which a click lets one choose; it is kept in the run's tag. */
function ColourField({ runId, name, look }: { runId: string; name: string; look: Look | undefined }) {
  if (!look) return null;
  const choose = async (value: string) => {
    try {
      await client.setTag({ run_id: runId, key: 'mlflow.runColor', value });
      await refreshRows([runId]);
    } catch (error) {
      toastError(`Could not set the colour of ${name}`, error);
    }
  };
  return (
    <label className="run-colour">
      <Swatch look={look} />
      <input
        type="color"
        aria-label={`Colour of ${name}`}
        defaultValue={shownColour(look)}
        // The event of React's onChange comes with every move in the browser's picker; this one when it closes.
        ref={(element) => {
          if (element) element.onchange = () => choose(element.value);
        }}
      />
    </label>
  );
}

const shownColour = (look: Look) =>
  look.colour.startsWith('#')
    ? look.colour
    : getComputedStyle(document.documentElement).getPropertyValue(look.colour).trim() || cssColour(look);

const BANDS: Record<GroupBand, string> = { sd: '± 1 sd', range: 'min – max', sem: '± sem' };

function PaneChoices({ scope, settings }: { scope: RunScope; settings: ChartSettings }) {
  const keys = useRunKeys(scope.experimentIds, scope.viewType).data?.keys;
  const options = useMemo(() => {
    const found = (keys ?? []).filter(({ kind, key }) => kind !== 'METRIC' && !key.startsWith('mlflow.'));
    return found.map(({ kind, key }) => ({ value: `${kind === 'PARAM' ? 'params' : 'tags'}.${key}`, key }));
  }, [keys]);
  const items = (chosen: string) => (
    <>
      {!options.some(({ value }) => value === chosen) && /^(params|tags)\./.test(chosen) && chosen !== PARENT && (
        <option value={chosen}>{chosen}</option>
      )}
      {options.map(({ value, key }) => (
        <option key={value} value={value}>
          {value.startsWith('tags.') ? `tag ${key}` : key}
        </option>
      ))}
    </>
  );
  return (
    <div className="run-pane-choices">
      <label>
        <span className="muted">Colour</span>
        <select
          className="field"
          value={settings.colourBy}
          onChange={(event) => scope.set({ colour: event.target.value })}
        >
          <option value="place">by run</option>
          <option value="status">by status</option>
          {items(settings.colourBy)}
        </select>
      </label>
      <label>
        <span className="muted">Group</span>
        <select
          className="field"
          value={scope.group ?? ''}
          onChange={(event) => scope.set({ group: event.target.value })}
        >
          <option value="">none</option>
          <option value={PARENT}>by parent run</option>
          {items(scope.group ?? '')}
        </select>
      </label>
      {scope.group && (
        <label>
          <span className="muted">Band</span>
          <select className="field" value={settings.band} onChange={(event) => scope.set({ band: event.target.value })}>
            {Object.entries(BANDS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

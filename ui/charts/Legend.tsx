/** The names of a chart's lines, where no list beside it has them: groups with how many runs they are, or several metrics. */
import type { Grouping } from './model/groups.js';
import type { Line } from './model/lines.js';
import { Swatch } from './Tooltip.js';

interface LegendProps {
  lines: readonly Line[];
  grouping: Grouping | undefined;
  onToggleGroup: ((id: string) => void) | undefined;
  isShown: boolean;
}

export function Legend({ lines, grouping, onToggleGroup, isShown }: LegendProps) {
  if (grouping) return <Groups {...{ lines, grouping, onToggleGroup }} />;
  if (!isShown) return null;
  return (
    <ul className="chart-legend">
      {lines.map((line) => (
        <li key={line.id}>
          <Swatch look={line.look} />
          <bdi dir="auto">{line.name}</bdi>
        </li>
      ))}
    </ul>
  );
}

function Groups({ lines, grouping, onToggleGroup }: Omit<LegendProps, 'isShown'> & { grouping: Grouping }) {
  const groups = lines.filter(({ members }) => members !== undefined);
  return (
    <ul className="chart-legend">
      {groups.map((line) => (
        <li key={line.id}>
          <button type="button" className="chart-group" title="Show its runs" onClick={() => onToggleGroup?.(line.id)}>
            <Swatch look={line.look} />
            <bdi dir="auto">{line.name}</bdi> <span className="muted">n={extentOf(line.n)}</span>
          </button>
        </li>
      ))}
      {[...grouping.unfolded].map((id) => (
        <li key={id}>
          <button type="button" className="chart-group" onClick={() => onToggleGroup?.(id)}>
            Fold {grouping.by} {id.slice('group:'.length) || '(none)'}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** "5", or "5…2" where runs end earlier than others. */
function extentOf(n: readonly number[]): string {
  const [most, last] = [Math.max(...n), n.at(-1) ?? 0];
  return most === last ? String(most) : `${most}…${last}`;
}

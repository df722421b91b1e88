/** Params in the order of how much of the target they explain. Choosing one lays it under the scatter plot. */
import { columnLabel } from '../../../analysis/column-name.js';
import { FEW_RUNS, type Importance, type ImportanceReport } from '../../../analysis/importance.js';
import { UserText } from '../../../components/UserText.js';
import { count, shortNumber } from '../../../display/numbers.js';

interface ImportanceListProps {
  report: ImportanceReport;
  /** Of the target, to say what is explained. */
  target: string;
  /** The param under the scatter plot. */
  chosen: string;
  onChoose: (column: string) => void;
}

const MOST = 40;

const DIRECTIONS: Record<Importance['direction'], { mark: string; text: string }> = {
  rises: { mark: '↗', text: 'more of it goes with more' },
  falls: { mark: '↘', text: 'more of it goes with less' },
  bends: { mark: '∿', text: 'up in one part and down in another' },
  groups: { mark: '▦', text: 'differs between its values' },
};

export function ImportanceList({ report, target, chosen, onChoose }: ImportanceListProps) {
  const { params, n, unjudged } = report;
  if (params.length === 0) {
    return (
      <p className="muted">No param varies among runs that have {columnLabel(target)}: there is nothing to rank.</p>
    );
  }
  return (
    <>
      {n < FEW_RUNS && (
        <p className="caution">
          Only {count(n, 'run')}: below {FEW_RUNS}, chance alone makes params look important.
        </p>
      )}
      <div className="importance-box">
        <table className="importance" aria-label="Importance of params">
          <colgroup>
            <col className="importance-names" />
            <col />
            <col className="importance-directions" />
          </colgroup>
          <thead className="visually-hidden">
            <tr>
              <th scope="col">Param</th>
              <th scope="col">Share explained</th>
              <th scope="col">Direction</th>
            </tr>
          </thead>
          <tbody>
            {params.slice(0, MOST).map((each) => (
              <Row key={each.column} each={each} total={n} isChosen={each.column === chosen} onChoose={onChoose} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="muted analysis-note">
        Share of the ranks of {columnLabel(target)} that each param explains by itself, over {count(n, 'run')}.
        {params.length > MOST && ` ${count(params.length - MOST, 'param')} less important not shown.`}
        {unjudged.length > 0 &&
          ` Not judged, as nearly every run has its own value: ${unjudged.map(columnLabel).join(', ')}.`}
      </p>
    </>
  );
}

function Row({
  each,
  total,
  isChosen,
  onChoose,
}: {
  each: Importance;
  /** Runs that have the target. */
  total: number;
  isChosen: boolean;
  onChoose: (column: string) => void;
}) {
  const { column, share, rho, direction, n } = each;
  const { mark, text } = DIRECTIONS[direction];
  const percent = share >= 0.0995 ? `${Math.round(share * 100)}` : (share * 100).toFixed(1);
  const detail = `${text}${rho === undefined ? '' : `; Spearman ${shortNumber(Number(rho.toFixed(2)))}`}; ${count(n, 'run')}`;
  return (
    <tr>
      <th scope="row">
        <button type="button" className="importance-name" aria-pressed={isChosen} onClick={() => onChoose(column)}>
          <UserText text={columnLabel(column)} cut="middle" />
        </button>
      </th>
      <td className="importance-share">
        <span className="importance-bar" style={{ width: `${Math.max(0.5, share * 100)}%` }} />
        <span className="importance-percent">{percent} %</span>
        {n < total / 2 && <span className="muted"> of {count(n, 'run')}</span>}
      </td>
      <td className="importance-direction" title={detail}>
        <span aria-hidden="true">{mark}</span>
        <span className="visually-hidden">{detail}</span>
      </td>
    </tr>
  );
}

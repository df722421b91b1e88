/** What the charts of the analysis draw, as a table. */
import { Link } from 'wouter';
import { columnLabel } from '../../../analysis/column-name.js';
import type { FrameColumn, RunFrame } from '../../../analysis/run-frame.js';
import { Dialog } from '../../../components/Dialog.js';
import { Nothing } from '../../../components/Time.js';
import { UserText } from '../../../components/UserText.js';
import { type Column, VirtualTable } from '../../../components/VirtualTable.js';
import { fullNumber, shortNumber } from '../../../display/numbers.js';
import { runLink } from '../../../links.js';

interface RunValuesDialogProps {
  frame: RunFrame;
  columns: readonly FrameColumn[];
  /** Places of the runs to show, in order. */
  runs: readonly number[];
  onClose: () => void;
}

export function RunValuesDialog({ frame, columns, runs, onClose }: RunValuesDialogProps) {
  const shown: Column<number>[] = [
    {
      id: 'name',
      label: 'Run',
      width: 160,
      cell: (run) => (
        <Link href={runLink(frame.experimentIds[run] ?? '', frame.ids[run] ?? '')}>
          <UserText text={frame.names[run] ?? ''} cut="middle" />
        </Link>
      ),
    },
    ...columns.map(
      (column): Column<number> => ({
        id: column.name,
        label: <UserText text={columnLabel(column.name)} cut="middle" />,
        width: 96,
        align: 'end',
        cell: (run) => <Cell column={column} run={run} />,
      }),
    ),
  ];
  return (
    <Dialog title="Values of the runs" onClose={onClose}>
      <div className="run-values">
        <VirtualTable
          label="Values of the runs"
          columns={shown}
          rows={runs}
          rowKey={(run) => frame.ids[run] ?? String(run)}
          hasMore={false}
          onEnd={() => {}}
        />
      </div>
    </Dialog>
  );
}

function Cell({ column, run }: { column: FrameColumn; run: number }) {
  if (column.kind === 'category') {
    const level = column.levels[column.codes[run] as number];
    return level === undefined ? <Nothing /> : <UserText text={level} />;
  }
  const value = column.values[run] as number;
  if (Number.isNaN(value)) return <Nothing />;
  return <span title={fullNumber(value)}>{shortNumber(value)}</span>;
}

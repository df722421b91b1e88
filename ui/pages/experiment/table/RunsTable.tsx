/** The runs of one experiment in rows, with the params and metrics that tell them apart. */
import { type ReactNode, useMemo } from 'react';
import { Link } from 'wouter';
import type { Run } from '../../../../api/index.js';
import { Status } from '../../../components/Status.js';
import { Duration, Nothing, Time } from '../../../components/Time.js';
import { UserText } from '../../../components/UserText.js';
import { type Column, VirtualTable } from '../../../components/VirtualTable.js';
import { fullNumber, shortNumber } from '../../../display/numbers.js';
import { runLink } from '../../../links.js';
import type { StartedOrder } from '../../../queries/runs.js';
import type { ChosenKeys } from './default-columns.js';

interface RunsTableProps {
  runs: readonly Run[];
  keys: ChosenKeys;
  order: StartedOrder;
  onOrder: (order: StartedOrder) => void;
  hasMore: boolean;
  onEnd: () => void;
}

export function RunsTable({ runs, keys, order, onOrder, hasMore, onEnd }: RunsTableProps) {
  const columns = useMemo(
    () => [
      ...factColumns(order, onOrder),
      ...keys.params.map((key): Column<Run> => keyColumn('Params', key, 74, (run) => <Param run={run} name={key} />)),
      ...keys.metrics.map((key): Column<Run> => keyColumn('Metrics', key, 80, (run) => <Value run={run} name={key} />)),
    ],
    [keys, order, onOrder],
  );
  return (
    <VirtualTable
      label="Runs"
      columns={columns}
      rows={runs}
      rowKey={(run) => run.info.run_id}
      hasMore={hasMore}
      onEnd={onEnd}
    />
  );
}

function factColumns(order: StartedOrder, onOrder: (order: StartedOrder) => void): Column<Run>[] {
  const isNewest = order === 'newest';
  const sort = (
    <button type="button" className="sort" onClick={() => onOrder(isNewest ? 'oldest' : 'newest')}>
      Started <span aria-hidden="true">{isNewest ? '↓' : '↑'}</span>
    </button>
  );
  return [
    { id: 'name', label: 'Name', width: 150, group: 'Attributes', cell: (run) => <Name run={run} /> },
    {
      id: 'status',
      label: 'Status',
      width: 98,
      group: 'Attributes',
      cell: ({ info }) => <Status status={info.status} />,
    },
    {
      id: 'started',
      label: sort,
      width: 92,
      group: 'Attributes',
      sorted: isNewest ? 'descending' : 'ascending',
      cell: ({ info }) => <Time at={info.start_time} />,
    },
    {
      id: 'duration',
      label: 'Duration',
      width: 76,
      group: 'Attributes',
      align: 'end',
      cell: ({ info }) => (
        <Duration start={info.start_time} end={info.end_time} isRunning={info.status === 'RUNNING'} />
      ),
    },
    {
      id: 'user',
      label: 'User',
      width: 66,
      group: 'Attributes',
      wideOnly: true,
      cell: ({ info }) => (info.user_id ? <UserText text={info.user_id} /> : <Nothing />),
    },
  ];
}

function keyColumn(group: string, key: string, width: number, cell: (run: Run) => ReactNode): Column<Run> {
  return { id: `${group}.${key}`, label: <UserText text={key} cut="middle" />, width, group, align: 'end', cell };
}

function Name({ run: { info } }: { run: Run }) {
  return (
    <Link href={runLink(info.experiment_id, info.run_id)}>
      <UserText text={info.run_name || info.run_id} cut="middle" />
    </Link>
  );
}

function Param({ run, name }: { run: Run; name: string }) {
  const found = run.data.params?.find(({ key }) => key === name);
  if (!found) return <Nothing />;
  const isNumber = found.value.trim() !== '' && Number.isFinite(Number(found.value));
  if (!isNumber) return <UserText text={found.value} />;
  return (
    <span className="number" title={found.value}>
      {found.value.length > 9 ? shortNumber(Number(found.value)) : found.value}
    </span>
  );
}

function Value({ run, name }: { run: Run; name: string }) {
  const found = run.data.metrics?.find(({ key }) => key === name);
  if (!found) return <Nothing />;
  return (
    <span className="number" title={fullNumber(found.value)}>
      {shortNumber(found.value)}
    </span>
  );
}

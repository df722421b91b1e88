/** The curves of an experiment's runs: on the left which runs, on the right their charts. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { ChartBoard } from '../../../charts/ChartBoard.js';
import { type Grouping, groupId, groupsOf } from '../../../charts/model/groups.js';
import { lookAt } from '../../../charts/model/palette.js';
import { useChartSettings } from '../../../charts/settings.js';
import { useGrowing } from '../../../charts/use-growing.js';
import type { ChartRun } from '../../../charts/use-lines.js';
import { Empty, Skeleton } from '../../../components/Empty.js';
import { ErrorNotice } from '../../../components/ErrorNotice.js';
import { joinList, keyColumn, splitList } from '../../../display/run-columns.js';
import { client } from '../../../queries/connection.js';
import { PARENT, useRunCount, useRunRows } from '../../../queries/run-rows.js';
import type { RunScope } from '../../../state/run-scope.js';
import { useFollowedRows } from '../table/use-followed-rows.js';
import { RunPane } from './RunPane.js';
import { useRunLooks } from './run-looks.js';

const FIRST = 20;
export const MORE = 20;
const MOST = 200;
/** Of the selection, when the first runs are wanted all the same. */
const NONE: readonly string[] = [];

export function ChartsView({ scope }: { scope: RunScope }) {
  const { group } = scope;
  const selected = scope.get('pick') === '0' ? NONE : scope.selected;
  const settings = useChartSettings(scope);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const columns = [...new Set([group, settings.colourBy])].filter((id) => id !== undefined && keyColumn(id));
  const which = useMemo(
    () =>
      selected.length === 0
        ? scope.which
        : {
            ...scope.which,
            run_view_type: 'ALL' as const,
            filter: `run_id IN (${selected.map((id) => `'${id.replaceAll("'", '')}'`).join(', ')})`,
          },
    [scope.which, selected],
  );
  const read = useRunRows(which, scope.orderBy, columns as string[]);
  const { rows, isKnown, error, refetch, readTo } = read;
  const followed = useFollowedRows(scope, read);
  const total = useRunCount(scope.which).data?.total;
  const wanted = Math.min(MOST, selected.length || Number(scope.get('shown')) || FIRST);
  useEffect(() => readTo(wanted - 1), [readTo, wanted]);
  const sign = rows
    .slice(0, wanted)
    .map(({ info, values }) => [info.run_id, info.run_name, info.status, ...Object.values(values)].join('\t'))
    .join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sign stands for the rows, which are new objects whenever one of them logs
  const shown = useMemo(() => rows.slice(0, wanted), [sign]);
  const grouping = useMemo(
    () => groupingBy(group, shown, settings.band, unfolded),
    [group, shown, settings.band, unfolded],
  );
  const looks = useRunLooks(shown, settings.colourBy, grouping);
  const hidden = useMemo(() => new Set(splitList(scope.get('hide'))), [scope.get]);
  const isRunningOnly = scope.get('fin') === '0';
  const runs = useMemo(
    () =>
      shown
        .filter(({ info }) => !hidden.has(info.run_id) && !(isRunningOnly && info.status !== 'RUNNING'))
        .map(
          ({ info }): ChartRun => ({
            id: info.run_id,
            name: info.run_name || info.run_id,
            status: info.status,
            start: info.start_time,
          }),
        ),
    [shown, hidden, isRunningOnly],
  );
  const keys = useMetricKeys(scope.experimentIds, runs);
  useGrowing({ experimentIds: scope.experimentIds }, runs, keys.data, keys.refetch);
  const selectedSet = useMemo(() => new Set(selected), [selected]);
  if (error && rows.length === 0) return <ErrorNotice what="the runs" error={error} onRetry={refetch} />;
  if (!isKnown) return <Skeleton rows={12} />;
  if (rows.length === 0) {
    return (
      <Empty title="No runs to draw">
        <p>{scope.filterText ? 'No run matches the filter.' : 'Nothing has been logged to this experiment.'}</p>
      </Empty>
    );
  }
  const toggleGroup = (id: string) => {
    const next = new Set(unfolded);
    if (!next.delete(id)) next.add(id);
    setUnfolded(next);
  };
  return (
    <div className="charts-view">
      <RunPane
        {...{ scope, shown, looks, hidden, settings, isRunningOnly, followed }}
        total={selected.length > 0 ? undefined : total}
        onHidden={(ids) => scope.set({ hide: joinList(ids) })}
      />
      <div className="board-scroll">
        {keys.error && !keys.data ? (
          <ErrorNotice what="the metrics" error={keys.error} onRetry={keys.refetch} />
        ) : !keys.data ? (
          <Skeleton rows={8} height={40} />
        ) : keys.data.length === 0 ? (
          <Empty title="No metrics">
            <p>{runs.length === 0 ? 'All runs are hidden.' : 'None of the runs shown has logged any.'}</p>
          </Empty>
        ) : (
          <ChartBoard
            {...{ runs, looks, grouping }}
            keys={keys.data}
            address={scope}
            selected={selectedSet}
            onToggleGroup={toggleGroup}
          />
        )}
      </div>
    </div>
  );
}

function groupingBy(
  group: string | undefined,
  rows: ReturnType<typeof useRunRows>['rows'],
  band: Grouping['band'],
  unfolded: ReadonlySet<string>,
): Grouping | undefined {
  if (!group) return undefined;
  const byId = new Map(rows.map((row) => [row.info.run_id, row]));
  const names = new Map(rows.map(({ info }) => [info.run_id, info.run_name || info.run_id]));
  const groupOf = (runId: string) => {
    const value = byId.get(runId)?.values[group];
    if (value === undefined) return undefined;
    return group === PARENT ? (names.get(String(value)) ?? String(value)) : String(value);
  };
  // Colours go by the groups of all runs shown: one chart may lack some of them.
  const looks = new Map(groupsOf([...byId.keys()], groupOf).map(({ value }, place) => [groupId(value), lookAt(place)]));
  return { by: group === PARENT ? 'parent' : (keyColumn(group)?.key ?? group), band, groupOf, looks, unfolded };
}

const MOST_KEYS = 5_000;

/** The metrics that some of the runs have, most common first. */
function useMetricKeys(experimentIds: readonly string[], runs: readonly ChartRun[]) {
  const ids = runs.map(({ id }) => id).join("', '");
  return useQuery({
    queryKey: ['metric-keys', ids],
    queryFn: async () => {
      if (runs.length === 0) return [];
      const answer = await client.searchRunKeys({
        experiment_ids: [...experimentIds],
        run_view_type: 'ALL',
        filter: `run_id IN ('${ids}')`,
        kinds: ['METRIC'],
        max_results: MOST_KEYS,
      });
      return answer.keys.map(({ key }) => key);
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

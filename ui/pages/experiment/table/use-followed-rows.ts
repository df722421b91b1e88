/** The table follows the server: runs that it shows are read anew when they change, and new ones are counted until someone wants to see them. */
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { type RunRows, refreshRows } from '../../../queries/run-rows.js';
import { type News, useLive } from '../../../state/live.js';
import type { RunScope } from '../../../state/run-scope.js';

interface Followed {
  /** Runs that have come since the rows were read. */
  fresh: number;
  show: () => void;
}

/** More runs than this at once are not read one by one. */
const MOST = 500;

export function useFollowedRows(scope: RunScope, rows: RunRows): Followed {
  const queries = useQueryClient();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const isBusy = useRef(false);
  const waiting = useRef(new Set<string>());
  // Rows that were read since then hold what was fresh.
  const [readAt, setReadAt] = useState(rows.readAt);
  if (readAt !== rows.readAt) {
    setReadAt(rows.readAt);
    setFresh(new Set());
  }
  const refresh = async () => {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      while (waiting.current.size > 0) {
        const ids = [...waiting.current].slice(0, MOST);
        waiting.current.clear();
        await refreshRows(ids);
      }
    } catch {
      // The next news, or the reader, asks again.
    } finally {
      isBusy.current = false;
    }
  };
  const hear = ({ runs, anew }: News) => {
    const ours = runs.filter(({ experiment_id }) => scope.experimentIds.includes(experiment_id));
    if (ours.length === 0 && !anew) return;
    queries.invalidateQueries({ queryKey: ['run-count'] });
    if (scope.group !== undefined) queries.invalidateQueries({ queryKey: ['run-groups'] });
    const shown = new Set(rows.rows.map(({ info }) => info.run_id));
    const created = ours.filter(({ change, run_id }) => change === 'created' && !shown.has(run_id));
    if (created.length > 0) setFresh((before) => new Set([...before, ...created.map(({ run_id }) => run_id)]));
    const running = rows.rows.filter(({ info }) => info.status === 'RUNNING').map(({ info }) => info.run_id);
    const changed = anew ? running : ours.map(({ run_id }) => run_id).filter((id) => shown.has(id));
    for (const id of changed) waiting.current.add(id);
    refresh();
    // Nothing to lose: the first runs of an experiment are shown at once.
    if (shown.size === 0 && created.length > 0) rows.refetch();
  };
  useLive({ experimentIds: scope.experimentIds }, hear, {
    isRunning: rows.rows.some(({ info }) => info.status === 'RUNNING'),
  });
  return { fresh: fresh.size, show: rows.refetch };
}

/** Which columns the table has: those of the address, else the default ones. */
import { useEffect, useMemo } from 'react';
import type { Experiment, RunKey } from '../../../../api/index.js';
import { isFactColumn, keyColumn } from '../../../display/run-columns.js';
import type { useRunKeys } from '../../../queries/run-rows.js';
import { keep, kept } from '../../../state/kept.js';
import type { RunScope } from '../../../state/run-scope.js';
import { chooseColumns } from './default-columns.js';

export interface ShownColumns {
  /** Undefined while it is not known which are worth showing. */
  ids: readonly string[] | undefined;
  defaults: readonly string[];
  /** Params that have one value in all runs and are not shown. */
  constants: readonly string[];
  keys: readonly RunKey[];
}

export function useShownColumns(
  scope: RunScope,
  keys: ReturnType<typeof useRunKeys>,
  experiment: Experiment | undefined,
): ShownColumns {
  const primary = experiment?.tags?.find(({ key }) => key === 'mlflow.primaryMetric')?.value;
  const isOverSeveral = scope.experimentIds.length > 1;
  const known = keys.data;
  const chosen = useMemo(
    () => chooseColumns(known ?? { looked_at: 0 }, primary, isOverSeveral),
    [known, primary, isOverSeveral],
  );
  const isDecided = known !== undefined || keys.error !== null;
  const place = `${scope.experimentIds.join()} ${scope.viewType}`;
  const remembered = useMemo(() => rememberedColumns().get(place), [place]);
  useEffect(() => {
    if (known && chosen.columns.some((id) => keyColumn(id))) rememberColumns(place, chosen.columns);
  }, [known, chosen, place]);
  const ids = useMemo(() => {
    if (!scope.columns) return isDecided ? chosen.columns : remembered;
    const asked = scope.columns.filter((id) => id !== 'name' && (isFactColumn(id) || keyColumn(id)));
    return ['name', ...new Set(asked)];
  }, [scope.columns, chosen, isDecided, remembered]);
  return useMemo(
    () => ({
      ids,
      defaults: chosen.columns,
      constants: chosen.constants.filter((id) => !ids?.includes(id)),
      keys: known?.keys ?? [],
    }),
    [ids, chosen, known],
  );
}

const KEY = 'mltrack.default-columns';
/** Places that are remembered. */
const MOST = 40;

/** What was chosen last time: rows can be asked for before it is known again, and mostly it is the same. */
function rememberedColumns(): Map<string, string[]> {
  try {
    const found: unknown = JSON.parse(kept(KEY) ?? '[]');
    return new Map(Array.isArray(found) ? found.filter(isRemembered) : []);
  } catch {
    return new Map();
  }
}

const isRemembered = (entry: unknown): entry is [string, string[]] =>
  Array.isArray(entry) &&
  typeof entry[0] === 'string' &&
  Array.isArray(entry[1]) &&
  entry[1].every((id) => typeof id === 'string');

function rememberColumns(place: string, columns: string[]): void {
  const all = rememberedColumns();
  if (all.get(place)?.join() === columns.join()) return;
  all.delete(place);
  keep(KEY, JSON.stringify([[place, columns], ...all].slice(0, MOST)));
}

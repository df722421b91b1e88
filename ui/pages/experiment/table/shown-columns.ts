/** Which columns the table has: those of the address, else the default ones. */
import { useMemo } from 'react';
import type { Experiment, RunKey } from '../../../../api/index.js';
import { isFactColumn, keyColumn } from '../../../display/run-columns.js';
import type { useRunKeys } from '../../../queries/run-rows.js';
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
  const ids = useMemo(() => {
    if (!scope.columns) return isDecided ? chosen.columns : undefined;
    const asked = scope.columns.filter((id) => id !== 'name' && (isFactColumn(id) || keyColumn(id)));
    return ['name', ...new Set(asked)];
  }, [scope.columns, chosen, isDecided]);
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

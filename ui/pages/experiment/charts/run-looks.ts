/** The colours of the runs shown: by place, unless a user gave one or the colours are to say something. */
import { useMemo } from 'react';
import { type Grouping, groupId } from '../../../charts/model/groups.js';
import { chosenColour, type Look, lookAt, looksByValue, statusLook } from '../../../charts/model/palette.js';
import type { ColourBy } from '../../../charts/settings.js';
import type { RunRow } from '../../../queries/run-rows.js';
import { useDark } from '../../../state/browser/theme.js';

/** Grouped runs have the colour of their group. */
export function useRunLooks(
  rows: readonly RunRow[],
  colourBy: ColourBy,
  grouping: Grouping | undefined,
): ReadonlyMap<string, Look> {
  const isDark = useDark();
  return useMemo(() => {
    if (grouping) {
      const { looks, groupOf } = grouping;
      return new Map(rows.map(({ info: { run_id: id } }) => [id, looks.get(groupId(groupOf(id))) ?? lookAt(0)]));
    }
    const looks = looksOf(rows, colourBy, isDark);
    return new Map(rows.map(({ info }, at) => [info.run_id, looks[at] as Look]));
  }, [rows, colourBy, isDark, grouping]);
}

function looksOf(rows: readonly RunRow[], colourBy: ColourBy, isDark: boolean): Look[] {
  if (colourBy === 'status') return rows.map(({ info }) => statusLook(info.status));
  if (colourBy !== 'place') {
    const values = rows.map(({ values: found }) => found[colourBy]);
    return looksByValue(
      values.map((value) => (value === undefined ? undefined : String(value))),
      isDark,
    );
  }
  return rows.map(({ values }, place) => {
    const chosen = chosenColour(values['tags.mlflow.runColor'] as string | undefined);
    return chosen ? { colour: chosen, dash: [] } : lookAt(place);
  });
}

/** The colours of the runs shown: by place, unless a user gave one or the colours are to say something. */
import { useMemo, useRef } from 'react';
import { type Grouping, groupId } from '../../../charts/model/groups.js';
import { type Look, lookAt, looksByValue, statusLook } from '../../../charts/model/palette.js';
import type { ColourBy } from '../../../charts/settings.js';
import { chosenColour } from '../../../display/run-colours.js';
import { COLOUR, type RunRow } from '../../../queries/run-rows.js';
import { useDark } from '../../../state/browser/theme.js';

/** Grouped runs have the colour of their group. */
export function useRunLooks(
  rows: readonly RunRow[],
  colourBy: ColourBy,
  grouping: Grouping | undefined,
): ReadonlyMap<string, Look> {
  const isDark = useDark();
  const places = useRef<ReadonlyMap<string, number>>(new Map());
  return useMemo(() => {
    if (grouping) {
      const { looks, groupOf } = grouping;
      return new Map(rows.map(({ info: { run_id: id } }) => [id, looks.get(groupId(groupOf(id))) ?? lookAt(0)]));
    }
    places.current = placesOf(rows, places.current);
    const looks = looksOf(rows, colourBy, isDark, places.current);
    return new Map(rows.map(({ info }, at) => [info.run_id, looks[at] as Look]));
  }, [rows, colourBy, isDark, grouping]);
}

/** Whoever was shown keeps its place; those that come take the free ones. */
function placesOf(rows: readonly RunRow[], before: ReadonlyMap<string, number>): Map<string, number> {
  const places = new Map<string, number>();
  for (const { info } of rows) {
    const place = before.get(info.run_id);
    if (place !== undefined) places.set(info.run_id, place);
  }
  const taken = new Set(places.values());
  let free = 0;
  for (const { info } of rows) {
    if (places.has(info.run_id)) continue;
    while (taken.has(free)) free++;
    places.set(info.run_id, free++);
  }
  return places;
}

function looksOf(
  rows: readonly RunRow[],
  colourBy: ColourBy,
  isDark: boolean,
  places: ReadonlyMap<string, number>,
): Look[] {
  if (colourBy === 'status') return rows.map(({ info }) => statusLook(info.status));
  if (colourBy !== 'place') {
    const values = rows.map(({ values: found }) => found[colourBy]);
    return looksByValue(
      values.map((value) => (value === undefined ? undefined : String(value))),
      isDark,
    );
  }
  return rows.map(({ info, values }) => {
    const chosen = chosenColour(values[COLOUR]);
    return chosen ? { colour: chosen, dash: [] } : lookAt(places.get(info.run_id) ?? 0);
  });
}

/** The run that the charts of the analysis point at together: hovered for a moment, or picked until another is. */
import { useMemo, useState } from 'react';

export interface Marked {
  /** The hovered one, else the picked one. */
  run: number | undefined;
  picked: number | undefined;
  point: (run: number | undefined) => void;
  pick: (run: number | undefined) => void;
}

export function useMarked(): Marked {
  const [pointed, point] = useState<number>();
  const [picked, setPicked] = useState<number>();
  return useMemo(
    () => ({
      run: pointed ?? picked,
      picked,
      point,
      pick: (run) => {
        point(undefined);
        setPicked(run);
      },
    }),
    [pointed, picked],
  );
}

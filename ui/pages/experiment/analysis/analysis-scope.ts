/** What the analysis needs to know of the page it stands in: which runs, and where filter, selection and its own settings are kept. */
import type { ViewType } from '../../../../api/index.js';

export interface AnalysisScope {
  /** As searchRuns and its like take it. */
  which: { experiment_ids: string[]; filter: string; run_view_type: ViewType };
  /** The filter as it was typed, to be put back. */
  filterText: string;
  /** Ids of runs, and how to change them; absent where runs cannot be selected. */
  selected?: readonly string[];
  setSelected?: (runIds: readonly string[]) => void;
  /** Narrows the page to these runs where that is done by their ids; absent where the filter does it. */
  keepOnly?: (runIds: readonly string[]) => void;
  /** A field of the address, '' when absent. */
  get: (name: string) => string;
  set: (fields: Record<string, string | undefined>) => void;
}

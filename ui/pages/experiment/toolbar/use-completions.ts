/** Suggestions for where the caret is: keys and words from what is known, values from the server. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { KnownKey } from '../../../filter/check.js';
import { type Completion, completions, type Slot, slotAt } from '../../../filter/complete.js';
import { quotedText, unquoted } from '../../../filter/lexer.js';
import { client } from '../../../queries/connection.js';
import type { RunScope } from '../../../state/run-scope.js';

interface Completions {
  slot: Slot;
  options: readonly Completion[];
}

/** Values that are asked for at once. */
const MOST = 30;

export function useCompletions(
  scope: RunScope,
  text: string,
  caret: number,
  known: readonly KnownKey[],
  isOpen: boolean,
): Completions {
  const slot = useMemo(() => slotAt(text, Math.min(caret, text.length)), [text, caret]);
  const column = slot.expects === 'value' && slot.name?.type === 'text' ? slot.name.reference : undefined;
  const hasValues = column !== undefined && !/^(datasets\.|run_id|artifact_uri)/.test(column);
  const typed = unquoted(slot.typed);
  const { experimentIds, viewType } = scope;
  const values = useQuery({
    queryKey: ['run-values', experimentIds, viewType, column, typed],
    queryFn: () =>
      client.searchRunValues({
        experiment_ids: [...experimentIds],
        run_view_type: viewType,
        column: column ?? '',
        contains: typed,
        max_results: MOST,
      }),
    enabled: isOpen && hasValues,
    staleTime: 60_000,
  });
  const options = useMemo(() => {
    if (!hasValues) return completions(slot, known);
    return (values.data?.values ?? []).map(({ value, runs }) => ({
      text: quotedText(value),
      hint: `${runs.toLocaleString('en')} ${runs === 1 ? 'run' : 'runs'}`,
    }));
  }, [hasValues, values.data, slot, known]);
  // What is typed in full needs no suggestion.
  const isDone = options.length === 1 && options[0]?.text === slot.typed;
  return { slot, options: isDone ? [] : options };
}

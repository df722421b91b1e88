/**
 * The filter of runs as a combobox: it colours what is typed, suggests keys and values, puts keys in quotes, and says where
 * something is wrong while the rows stay.
 */
import {
  type KeyboardEvent,
  type Ref,
  useEffect,
  useEffectEvent,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { checkFilter, type FilterProblem, type KnownKey } from '../../../filter/check.js';
import type { Completion } from '../../../filter/complete.js';
import type { RunScope } from '../../../state/run-scope.js';
import { FilterPaint } from './FilterPaint.js';
import { addToHistory, filterHistory } from './filter-history.js';
import { useCompletions } from './use-completions.js';

export interface FilterBoxHandle {
  focus: () => void;
  /** Begins a comparison with this name. */
  begin: (reference: string) => void;
}

interface FilterBoxProps {
  scope: RunScope;
  known: readonly KnownKey[];
  /** What the server said of the filter in the address. */
  refusal: string | undefined;
  ref?: Ref<FilterBoxHandle>;
}

/** ms without a key after which a valid filter applies by itself. */
const REST = 400;

export function FilterBox({ scope, known, refusal, ref }: FilterBoxProps) {
  const { filterText, setFilter } = scope;
  const [draft, setDraft] = useState(filterText);
  const [seen, setSeen] = useState(filterText);
  const [found, setProblem] = useState<FilterProblem>();
  const [caret, setCaret] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [scroll, setScroll] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const past = useRef(-1);
  const id = useId();
  // Back, a brush of a chart or a saved view changed the address.
  if (seen !== filterText) {
    setSeen(filterText);
    if (checkFilter(draft, known).shown !== filterText) setDraft(filterText);
    setProblem(undefined);
  }
  const { slot, options } = useCompletions(scope, draft, caret, known, isOpen);

  const apply = useEffectEvent((isAsked: boolean) => {
    const checked = checkFilter(draft, known);
    setProblem(checked.problem);
    if (checked.problem) return;
    if (isAsked) {
      setDraft(checked.shown);
      addToHistory(checked.shown);
      past.current = -1;
    }
    if (checked.shown.trim() === filterText.trim()) return;
    setSeen(checked.shown.trim());
    setFilter(checked.shown.trim());
  });
  useEffect(() => {
    if (draft.trim() === filterText.trim()) return;
    const timer = setTimeout(() => {
      // What is still being written is not wrong yet.
      if (!checkFilter(draft, known).problem) apply(false);
    }, REST);
    return () => clearTimeout(timer);
  }, [draft, filterText, known]);

  const write = (text: string, at = text.length) => {
    setDraft(text);
    setCaret(at);
    setActive(-1);
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
  };
  const accept = ({ text }: Completion) => {
    const end = `${draft.slice(0, slot.start)}${text} `;
    write(end + draft.slice(slot.end).trimStart(), end.length);
    input.current?.focus();
  };
  useImperativeHandle(ref, () => ({
    focus: () => input.current?.select(),
    begin: (reference) => {
      const text = draft.trim() ? `${draft.trim()} AND ${reference} ` : `${reference} `;
      write(text);
      setOpen(true);
      input.current?.focus();
    },
  }));
  const onKeyDown = (event: KeyboardEvent) => {
    const option = options[active];
    if (event.key === 'ArrowDown' && (isOpen || options.length > 0)) {
      if (isOpen) setActive(Math.min(active + 1, options.length - 1));
      setOpen(true);
    } else if (event.key === 'ArrowUp' && isOpen && active >= 0) setActive(active - 1);
    else if (event.key === 'ArrowUp') recall(1);
    else if (event.key === 'Enter' && isOpen && option) accept(option);
    else if (event.key === 'Enter') {
      setOpen(false);
      apply(true);
    } else if (event.key === 'Tab' && isOpen && option && !event.shiftKey) accept(option);
    else if (event.key === 'Escape' && isOpen) setOpen(false);
    else if (event.key === 'Escape') {
      setDraft(filterText);
      setProblem(undefined);
    } else return;
    event.preventDefault();
  };
  const recall = (by: number) => {
    const history = filterHistory();
    const at = Math.min(past.current + by, history.length - 1);
    const text = history[at];
    if (text === undefined) return;
    past.current = at;
    write(text);
    setOpen(false);
  };
  const isListed = isOpen && options.length > 0;
  const isApplied = draft.trim() === filterText.trim();
  const problem = found ?? (isApplied ? checkFilter(draft, known).problem : undefined);
  const message = problem?.message ?? (isApplied ? refusal : undefined);
  return (
    <div className="filter">
      <div className="filter-line" data-problem={message !== undefined}>
        <FilterPaint text={draft} problem={problem} scroll={scroll} />
        <input
          ref={input}
          className="filter-input"
          role="combobox"
          aria-label="Filter runs"
          aria-autocomplete="list"
          aria-expanded={isListed}
          aria-controls={`${id}-list`}
          aria-activedescendant={isListed && active >= 0 ? `${id}-${active}` : undefined}
          aria-invalid={message !== undefined}
          aria-describedby={message === undefined ? undefined : `${id}-problem`}
          placeholder="Filter: metrics.loss < 0.1 AND params.lr = '0.01', or any word"
          spellCheck={false}
          autoComplete="off"
          value={draft}
          onChange={(event) => {
            setDraft(event.target.value);
            setCaret(event.target.selectionStart ?? event.target.value.length);
            setProblem(undefined);
            setActive(-1);
            setOpen(true);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onScroll={(event) => setScroll(event.currentTarget.scrollLeft)}
          onKeyDown={onKeyDown}
          onBlur={() => {
            setOpen(false);
            if (draft.trim() !== filterText.trim()) apply(false);
          }}
        />
        {draft !== '' && (
          <button
            type="button"
            className="filter-clear"
            aria-label="Clear the filter"
            onClick={() => {
              setDraft('');
              setProblem(undefined);
              if (filterText) setFilter('');
              input.current?.focus();
            }}
          >
            <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
              <path d="M4.500 4.500 11.500 11.500M11.500 4.500 4.500 11.500" />
            </svg>
          </button>
        )}
      </div>
      <div id={`${id}-list`} role="listbox" aria-label="Suggestions" className="suggestions" hidden={!isListed}>
        {isListed &&
          options.map((option, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the field above keeps the focus
            <div
              key={option.text}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              ref={(element) => {
                if (element && index === active) element.scrollIntoView({ block: 'nearest' });
              }}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => accept(option)}
            >
              <code>{option.text}</code>
              {option.hint && <bdi className="muted">{option.hint}</bdi>}
            </div>
          ))}
      </div>
      {message !== undefined && (
        <p className="filter-problem" role="alert" id={`${id}-problem`}>
          <bdi>{message}</bdi>{' '}
          {problem?.fix !== undefined && (
            <>
              Try <code>{problem.fix}</code>{' '}
              <button
                type="button"
                className="button"
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => {
                  write(problem.fix ?? '');
                  setProblem(undefined);
                  input.current?.focus();
                }}
              >
                Fix
              </button>
            </>
          )}
        </p>
      )}
    </div>
  );
}

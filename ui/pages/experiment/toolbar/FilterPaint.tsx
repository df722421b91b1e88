/** The filter's text behind its field, token by token in colour, with a red line below what is wrong. */
import { useMemo } from 'react';
import type { FilterProblem } from '../../../filter/check.js';
import { tokensOf } from '../../../filter/lexer.js';

interface FilterPaintProps {
  text: string;
  problem: FilterProblem | undefined;
  /** px that the field is scrolled by. */
  scroll: number;
}

export function FilterPaint({ text, problem, scroll }: FilterPaintProps) {
  const parts = useMemo(() => partsOf(text), [text]);
  return (
    <div className="filter-paint" aria-hidden="true">
      <span style={{ transform: `translateX(${-scroll}px)` }}>
        {parts.map(({ kind, start, end }) => (
          <span
            key={start}
            className={[`token-${kind}`, problem && start >= problem.start && end <= problem.end && 'token-wrong']
              .filter(Boolean)
              .join(' ')}
          >
            {text.slice(start, end)}
          </span>
        ))}
      </span>
    </div>
  );
}

interface Part {
  kind: string;
  start: number;
  end: number;
}

/** Tokens, and the spaces between them. */
function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { kind, start, end } of tokensOf(text)) {
    if (start > at) parts.push({ kind: 'space', start: at, end: start });
    parts.push({ kind, start, end });
    at = end;
  }
  return parts;
}

/** A JSON value as lists that open: what is large is opened by hand, and the rest of a long list on demand. */
import { useState } from 'react';

const SHOWN = 100;
const OPEN_TO = 2;

export function JsonTree({ value, label }: { value: unknown; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="file-text json-tree" aria-label={label} tabIndex={0}>
      <Value value={value} level={0} />
    </section>
  );
}

interface ValueProps {
  name?: string;
  value: unknown;
  level: number;
}

function Value({ name, value, level }: ValueProps) {
  const key = name !== undefined && (
    <>
      <bdi className="json-key">{name}</bdi>
      {': '}
    </>
  );
  if (value === null || typeof value !== 'object') {
    return (
      <div className="json-line">
        {key}
        <bdi className={`json-${value === null ? 'null' : typeof value}`}>{JSON.stringify(value)}</bdi>
      </div>
    );
  }
  return <Inner name={name} value={value} level={level} />;
}

function Inner({ name, value, level }: { name: string | undefined; value: object; level: number }) {
  const entries = Object.entries(value);
  const [isOpen, setOpen] = useState(level < OPEN_TO && entries.length <= SHOWN);
  const [shown, setShown] = useState(SHOWN);
  const [left, right] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return (
    <details className="json-inner" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {name !== undefined && (
          <>
            <bdi className="json-key">{name}</bdi>
            {': '}
          </>
        )}
        {left}
        {!isOpen && '…'}
        {!isOpen && right} <span className="muted">{entries.length.toLocaleString('en')}</span>
      </summary>
      {isOpen && (
        <div className="json-entries">
          {entries.slice(0, shown).map(([key, each]) => (
            <Value key={key} name={key} value={each} level={level + 1} />
          ))}
          {entries.length > shown && (
            <button type="button" className="button" onClick={() => setShown(shown + 10 * SHOWN)}>
              Show more of {entries.length.toLocaleString('en')}
            </button>
          )}
        </div>
      )}
      {isOpen && <span>{right}</span>}
    </details>
  );
}

/** A log: its end at first, any length, with the colours of terminals, a search, and what is added while it is followed. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { Skeleton } from '../../components/Empty.js';
import { ErrorNotice } from '../../components/ErrorNotice.js';
import { byteSize, count } from '../../display/numbers.js';
import type { FilePart } from '../../queries/artifacts.js';
import type { ViewerProps } from '../Viewer.js';
import { lastWritten, type Styled, styledPieces, withoutEscapes } from './ansi.js';
import { Hex } from './Hex.js';
import { type Log, linesOf, useLog } from './use-log.js';

const LINE = 18;
/** Letters that are drawn of one line. */
const LINE_LIMIT = 5_000;

export default function LogView({ owner, file, isLive }: ViewerProps) {
  const [follows, setFollows] = useState(isLive);
  const log = useLog(owner, file, follows);
  const { part, error } = log;
  if (!part) {
    if (error) return <ErrorNotice what="the log" error={error} onRetry={log.retry} />;
    return <Skeleton rows={12} />;
  }
  return <Lines log={log} part={part} follows={follows} setFollows={setFollows} name={file.path} />;
}

interface LinesProps {
  log: Log;
  part: FilePart;
  follows: boolean;
  setFollows: (follows: boolean) => void;
  name: string;
}

function Lines({ log, part, follows, setFollows, name }: LinesProps) {
  const [sought, setSought] = useState('');
  const [current, setCurrent] = useState(0);
  const box = useRef<HTMLElement>(null);
  const raw = useMemo(() => linesOf(part), [part]);
  const lines = useMemo(() => raw?.map(lastWritten) ?? [], [raw]);
  const hits = useMemo(() => {
    const wanted = sought.toLowerCase();
    if (!wanted) return [];
    return lines.flatMap((line, index) => (withoutEscapes(line).toLowerCase().includes(wanted) ? [index] : []));
  }, [lines, sought]);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 30,
  });
  const hit = hits[Math.min(current, hits.length - 1)];
  useEffect(() => {
    if (hit !== undefined) virtualizer.scrollToIndex(hit, { align: 'center' });
  }, [hit, virtualizer]);
  const length = lines.length;
  const wasShown = useRef(false);
  // What came last is what one looks for first.
  useEffect(() => {
    if (wasShown.current || length === 0) return;
    wasShown.current = true;
    virtualizer.scrollToIndex(length - 1, { align: 'end' });
  }, [length, virtualizer]);
  useEffect(() => {
    if (follows && length > 0) virtualizer.scrollToIndex(length - 1, { align: 'end' });
  }, [follows, length, virtualizer]);
  if (!raw) return <Hex part={part} />;
  const step = (by: number) => hits.length > 0 && setCurrent((current + by + hits.length) % hits.length);
  return (
    <>
      <div className="toolbar">
        <input
          type="search"
          className="field"
          aria-label="Search the log"
          placeholder="Search the log"
          value={sought}
          spellCheck={false}
          onChange={(event) => {
            setSought(event.target.value);
            setCurrent(0);
            setFollows(false);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
          }}
        />
        {sought && (
          <>
            <button type="button" className="button" aria-label="Previous match" onClick={() => step(-1)}>
              ↑
            </button>
            <button type="button" className="button" aria-label="Next match" onClick={() => step(1)}>
              ↓
            </button>
          </>
        )}
        <span className="muted" role="status">
          {sought &&
            (hits.length === 0
              ? 'Nothing found'
              : `${Math.min(current + 1, hits.length)} of ${count(hits.length, 'line')}`)}
        </span>
        <label className="check toolbar-end">
          <input type="checkbox" checked={follows} onChange={(event) => setFollows(event.target.checked)} />
          Follow
        </label>
      </div>
      {part.start > 0 && (
        <p className="muted">
          The last {byteSize(part.bytes.length)} of {byteSize(part.size)}.{' '}
          <button type="button" className="button" disabled={log.isReading} onClick={log.readBefore}>
            Read what stands before
          </button>
        </p>
      )}
      {log.error && <ErrorNotice what="what was added" error={log.error} onRetry={log.retry} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section ref={box} className="file-text log" aria-label={`Lines of ${name}`} tabIndex={0}>
        <div className="log-lines" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => (
            <div
              key={index}
              className={index === hit ? 'log-line log-hit' : 'log-line'}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span className="log-number" aria-hidden="true">
                {part.start === 0 ? index + 1 : ''}
              </span>
              <Line text={(lines[index] ?? '').slice(0, LINE_LIMIT)} sought={sought} />
            </div>
          ))}
        </div>
      </section>
      <p className="status-line">
        {count(lines.length, 'line')}
        {follows && ' · looking for more every 2 s'}
      </p>
    </>
  );
}

function Line({ text, sought }: { text: string; sought: string }) {
  return (
    <bdi className="log-text">
      {styledPieces(text).map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have nothing but their place
        <Piece key={index} piece={piece} sought={sought.toLowerCase()} />
      ))}
    </bdi>
  );
}

function Piece({ piece: { text, className }, sought }: { piece: Styled; sought: string }) {
  const parts: ReactNode[] = [];
  let from = 0;
  const lower = sought ? text.toLowerCase() : '';
  for (let at = sought ? lower.indexOf(sought) : -1; at >= 0; at = lower.indexOf(sought, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + sought.length)}</mark>);
    from = at + sought.length;
  }
  parts.push(text.slice(from));
  return className ? <span className={className}>{parts}</span> : parts;
}

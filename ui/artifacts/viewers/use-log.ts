/** The end of a log: read once by Range, more of its beginning on demand, and what is added while it is followed. */
import { useCallback, useEffect, useEffectEvent, useState } from 'react';
import type { FileInfo } from '../../../api/index.js';
import { type ArtifactOwner, decodeText, type FilePart, readPart } from '../../queries/artifacts.js';

/** Bytes that are read at first, and with every step towards the beginning. */
const STEP = 5_000_000;
const FOLLOW_INTERVAL = 2_000;

export interface Log {
  part: FilePart | undefined;
  error: Error | undefined;
  isReading: boolean;
  /** Reads what stands before, if anything does. */
  readBefore: () => void;
  retry: () => void;
}

/** Looks for more while `follows`. */
export function useLog(owner: ArtifactOwner, { path, file_size }: FileInfo, follows: boolean): Log {
  const [part, setPart] = useState<FilePart>();
  const [error, setError] = useState<Error>();
  const [isReading, setReading] = useState(false);
  const [tries, setTries] = useState(0);
  const run = useEffectEvent(async (read: () => Promise<FilePart | undefined>, isCurrent: () => boolean) => {
    setReading(true);
    try {
      const found = await read();
      if (!isCurrent()) return;
      if (found) setPart(found);
      setError(undefined);
    } catch (thrown) {
      if (isCurrent()) setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    } finally {
      if (isCurrent()) setReading(false);
    }
  });
  // An empty file has no range.
  const last = useEffectEvent(() =>
    file_size === 0 || part?.size === 0 ? readPart(owner, path) : readPart(owner, path, `bytes=-${STEP}`),
  );
  const more = useEffectEvent(async (): Promise<FilePart | undefined> => {
    if (!part || part.size === 0) return last();
    const end = part.start + part.bytes.length;
    // With the last byte that is known, so that there is always something to answer.
    const added = await readPart(owner, path, `bytes=${end - 1}-`);
    if (added.size < end || added.start !== end - 1) return last();
    if (added.size === end) return undefined;
    return { start: part.start, size: added.size, bytes: joined(part.bytes, added.bytes.subarray(1)) };
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a try more reads anew
  useEffect(() => {
    let isCurrent = true;
    run(last, () => isCurrent);
    return () => {
      isCurrent = false;
    };
  }, [tries]);
  useEffect(() => {
    if (!follows) return;
    let isCurrent = true;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') run(more, () => isCurrent);
    }, FOLLOW_INTERVAL);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [follows]);
  const before = async () => {
    if (!part || part.start === 0 || isReading) return;
    setReading(true);
    try {
      const from = Math.max(0, part.start - STEP);
      const found = await readPart(owner, path, `bytes=${from}-${part.start - 1}`);
      setPart((now) => now && { ...now, start: from, bytes: joined(found.bytes, now.bytes) });
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    } finally {
      setReading(false);
    }
  };
  return {
    part,
    error,
    isReading,
    readBefore: () => void before(),
    retry: useCallback(() => setTries((count) => count + 1), []),
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** The lines of a part; undefined when it is not text. A line that begins before the part is left out. */
export function linesOf(part: FilePart): string[] | undefined {
  const text = decodeText(part);
  if (text === undefined) return undefined;
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return part.start > 0 ? lines.slice(1) : lines;
}

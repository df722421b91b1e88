/** Nothing to show: what is missing, why, and the one next step. */
import type { ReactNode } from 'react';

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="notice">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Grey rows in the place of rows to come; they appear only when the wait is felt. */
export function Skeleton({ rows = 5, height = 28 }: { rows?: number; height?: number }) {
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">Loading…</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <div key={row} className="skeleton-row" style={{ height }} />
      ))}
    </div>
  );
}

/** Charts whose metrics begin alike, to be opened and closed. */
import { type CSSProperties, type MouseEvent, type ReactNode, useState } from 'react';

interface ChartSectionProps {
  /** '' for metrics without a prefix. */
  title: string;
  count: number;
  isOpenAtFirst: boolean;
  columns: number | undefined;
  children: ReactNode;
}

export function ChartSection({ title, count, isOpenAtFirst, columns, children }: ChartSectionProps) {
  const [chosen, setChosen] = useState<boolean>();
  const isOpen = chosen ?? isOpenAtFirst;
  const toggle = (event: MouseEvent) => {
    event.preventDefault();
    setChosen(!isOpen);
  };
  const style = columns ? ({ '--chart-columns': Math.min(columns, count) } as CSSProperties) : undefined;
  return (
    <details className="chart-section" open={isOpen}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button */}
      <summary onClick={toggle}>
        <h2>{title ? <bdi dir="auto">{title}</bdi> : 'Metrics'}</h2> <span className="muted">{count}</span>
      </summary>
      {isOpen && (
        <div className={columns ? 'charts charts-fixed' : 'charts'} style={style}>
          {children}
        </div>
      )}
    </details>
  );
}

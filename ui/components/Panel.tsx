/** A titled part of a page that fails alone: an error inside it leaves the rest of the page at work. */
import { Component, type ReactNode, useId } from 'react';
import { ErrorNotice } from './ErrorNotice.js';

interface PanelProps {
  title: string;
  /** Beside the title: a count, a field. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, aside, children }: PanelProps) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header className="panel-header">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      <ErrorBoundary what={title.toLowerCase()}>{children}</ErrorBoundary>
    </section>
  );
}

interface BoundaryProps {
  what: string;
  children: ReactNode;
}

export class ErrorBoundary extends Component<BoundaryProps, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return <ErrorNotice what={this.props.what} error={error} onRetry={() => this.setState({ error: undefined })} />;
  }
}

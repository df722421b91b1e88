/** What failed, the server's code and message, and the way on. */
import type { ReactNode } from 'react';
import { MltrackError } from '../../client/index.js';
import { CopyButton } from './CopyButton.js';

interface ErrorNoticeProps {
  /** "the run" */
  what: string;
  error: Error;
  onRetry: () => void;
  /** A further way on, such as a link. */
  children?: ReactNode;
}

export function ErrorNotice({ what, error, onRetry, children }: ErrorNoticeProps) {
  const code = error instanceof MltrackError ? error.code : error.name;
  return (
    <div className="notice notice-error" role="alert">
      <h2>Could not show {what}</h2>
      <p>
        <code className="code">{code}</code> <bdi className="error-message">{error.message}</bdi>
      </p>
      <div className="buttons">
        <button type="button" className="button" onClick={onRetry}>
          Retry
        </button>
        <CopyButton text={`${code}: ${error.message}`} label="Copy details" />
        {children}
      </div>
    </div>
  );
}

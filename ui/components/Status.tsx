/** A run's status as an icon and a word: colour is never the only sign. */
import type { ReactNode } from 'react';
import type { RunStatus } from '../../api/index.js';

const LOOK: Record<RunStatus, { word: string; tone: string; icon: ReactNode }> = {
  FINISHED: { word: 'Finished', tone: 'good', icon: <path d="M3.500 8.500 6.500 11.500 12.500 4.500" /> },
  FAILED: { word: 'Failed', tone: 'bad', icon: <path d="M4 4 12 12M12 4 4 12" /> },
  KILLED: { word: 'Killed', tone: 'warn', icon: <path d="M4.500 4.500h7v7h-7z" /> },
  RUNNING: {
    word: 'Running',
    tone: 'warn',
    icon: <path className="spinner" d="M8 2.500a5.500 5.500 0 1 0 5.500 5.500" />,
  },
  SCHEDULED: {
    word: 'Scheduled',
    tone: 'muted',
    icon: <path d="M8 2.500a5.500 5.500 0 1 0 .01 0M8 5v3.200l2 1.300" />,
  },
};

export function Status({ status }: { status: RunStatus }) {
  const { word, tone, icon } = LOOK[status];
  return (
    <span className={`status status-${tone}`}>
      <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
        {icon}
      </svg>
      {word}
    </span>
  );
}

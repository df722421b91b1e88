/** Whether the page follows what happens on the server: a dot and a word. Nothing where the page follows nothing. */
import { type LiveState, useLiveState } from '../../state/live.js';

const LOOK: Record<Exclude<LiveState, 'resting'>, { word: string; title: string }> = {
  connecting: { word: 'Connecting', title: 'Connecting to the server’s events' },
  connected: { word: 'Live', title: 'What others write appears here by itself' },
  retrying: { word: 'Retrying', title: 'The server’s events broke off; trying again' },
  polling: {
    word: 'Every 5 s',
    title: 'The server’s events do not come through; running runs are read every 5 seconds',
  },
};

export function LiveDot() {
  const state = useLiveState();
  if (state === 'resting') return null;
  const { word, title } = LOOK[state];
  return (
    <span className={`live live-${state}`} title={title} role="status">
      <span className="live-dot" aria-hidden="true" />
      <span className="live-word">{word}</span>
    </span>
  );
}

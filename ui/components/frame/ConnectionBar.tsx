/** Says when the server cannot be reached, asks it again until it answers, and then reads everything anew. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { MltrackError } from '../../../client/index.js';
import { relativeTime } from '../../display/times.js';
import { askServer, LIVE_INTERVAL } from '../../queries/connection.js';

const isUnreachable = (error: unknown) => error instanceof MltrackError && error.code === 'TEMPORARILY_UNAVAILABLE';

/** The time of the last answer before the connection was lost, undefined while there is a connection; and how to say that it is back. */
function useLostSince(): [number | undefined, () => void] {
  const cache = useQueryClient().getQueryCache();
  const [lostSince, setLostSince] = useState<number>();
  useEffect(
    () =>
      cache.subscribe((event) => {
        if (event.type !== 'updated') return;
        if (event.action.type === 'success') setLostSince(undefined);
        if (event.action.type === 'error' && isUnreachable(event.action.error)) {
          const last = Math.max(...cache.getAll().map((query) => query.state.dataUpdatedAt));
          setLostSince((before) => before ?? (last || Date.now()));
        }
      }),
    [cache],
  );
  return [lostSince, () => setLostSince(undefined)];
}

export function ConnectionBar() {
  const queryClient = useQueryClient();
  const [lostSince, foundAgain] = useLostSince();
  const reconnect = useEffectEvent(async () => {
    await askServer();
    foundAgain();
    await queryClient.invalidateQueries();
  });
  const [, setTries] = useState(0);
  useEffect(() => {
    if (lostSince === undefined) return;
    const timer = setInterval(() => {
      setTries((tries) => tries + 1);
      reconnect().catch(() => {});
    }, LIVE_INTERVAL);
    return () => clearInterval(timer);
  }, [lostSince]);
  return (
    <div role="status">
      {lostSince !== undefined && <p className="connection-bar">Reconnecting… last update {relativeTime(lostSince)}</p>}
    </div>
  );
}

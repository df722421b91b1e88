/** Tells a server that has asked for it, now and then, that the program of a run is alive. */
import type { Connection } from '../connect.js';
import { isRefusal, unref } from './retry.js';

/** After one that failed, in ms. */
const AGAIN = 5_000;

/** Until what it answers is called, or the server has no use for it: MLflow's has not. */
export function sendHeartbeats(client: Connection, run_id: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const beat = async () => {
    const interval = await client.sendHeartbeat({ run_id }).then(
      (answer) => answer.interval,
      (error) => (isRefusal(error) ? undefined : AGAIN),
    );
    if (stopped || !(Number(interval) > 0)) return;
    timer = setTimeout(beat, Number(interval));
    unref(timer);
  };
  beat();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

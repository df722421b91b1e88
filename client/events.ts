/** Where a server tells what changes: for an EventSource, or anything else that reads server-sent events. */
import { EVENTS_PATH } from '../api/beyond/events.js';
import { API_PREFIXES } from '../api/endpoint.js';

export interface EventsWanted {
  /** Of what to hear; without either, of everything that the caller may read. */
  readonly experimentIds?: readonly string[];
  readonly runIds?: readonly string[];
  /** The id of the last message that was heard. */
  readonly since?: string | undefined;
}

/** `uri` is the server's, as a connection has it. */
export function eventsUrl(uri: string, { experimentIds = [], runIds = [], since }: EventsWanted = {}): string {
  const query = new URLSearchParams();
  for (const id of experimentIds) query.append('experiment_id', id);
  for (const id of runIds) query.append('run_id', id);
  if (since) query.set('since', since);
  const text = query.toString();
  return `${uri}${API_PREFIXES[0]}${EVENTS_PATH}${text && `?${text}`}`;
}

/** Spans that MLflow keeps in its own tables: here they become what clients of this server read, the artifact `traces.json` of their trace. */
import { Readable } from 'node:stream';
import { MltrackError } from '../../api/index.js';
import { joined } from '../artifacts/listings.js';
import type { Places } from '../artifacts/places.js';
import type { Row, Source } from './source.js';
import { number, text } from './tracking.js';

/** Traces whose spans are read at a time: one may have thousands, each with what went in and came out. */
const AT_ONCE = 50;
const LOCATION = 'mlflow.artifactLocation';

/**
 * Writes the spans of these traces, before the traces themselves: what is known here has its spans.
 * Answers the ids of those whose spans the source holds, by whether this server serves the place where they belong.
 */
export async function importSpans(
  source: Source,
  places: Places,
  ids: readonly string[],
  tags: readonly Row[],
): Promise<{ written: Set<string>; left: Set<string> }> {
  const locations = new Map(
    tags.filter(({ key }) => key === LOCATION).map((row) => [text(row.request_id), text(row.value)]),
  );
  const written = new Set<string>();
  const left = new Set<string>();
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const byTrace = new Map<string, Row[]>();
    for (const row of await source.rowsOf('spans', 'trace_id', ids.slice(at, at + AT_ONCE))) {
      const id = text(row.trace_id);
      byTrace.set(id, [...(byTrace.get(id) ?? []), row]);
    }
    for (const [id, spans] of byTrace) {
      const isWritten = await write(places, locations.get(id), spans);
      (isWritten ? written : left).add(id);
    }
  }
  return { written, left };
}

async function write(places: Places, location: string | undefined, spans: readonly Row[]): Promise<boolean> {
  const place = location === undefined ? undefined : placeOf(places, location);
  if (!place) return false;
  const ordered = [...spans].sort((a, b) => number(a.start_time_unix_nano) - number(b.start_time_unix_nano));
  // Each is JSON already, as the client wrote it.
  const bytes = Buffer.from(`{"spans": [${ordered.map((row) => text(row.content)).join(', ')}]}`);
  await place.repository.write(joined(place.path, 'traces.json'), Readable.from([bytes]), bytes.length);
  return true;
}

/** Undefined where the server, set up like this, would not read them either. */
function placeOf(places: Places, location: string) {
  try {
    return places.locate(location);
  } catch (error) {
    if (error instanceof MltrackError) return undefined;
    throw error;
  }
}

/** `mltrack db import`: everything that an MLflow database holds, with its ids. It may be stopped anywhere, and started again. */

import { openPlaces } from '../artifacts/places.js';
import { openDestination } from '../command-database.js';
import { ConfigError, settingsOf } from '../config.js';
import { importRegistry } from './registry.js';
import { openSource } from './source.js';
import { importTraces } from './traces.js';
import { importDatasets, importExperiments, importLoggedModels, importRuns, type Progress } from './tracking.js';
import { type Counts, verify } from './verify.js';

export interface ImportOptions {
  /** `sqlite:///PATH` of an MLflow database. */
  readonly from: string;
  /** As of `createServer`. */
  readonly backendStoreUri: string;
  /** As of `createServer`: where spans that the source holds itself are written, as artifacts of their traces. */
  readonly artifactsDestination?: string;
  readonly defaultArtifactRoot?: string;
  readonly progress?: Progress;
}

export interface Imported {
  /** Rows of each noun that the source has, all of which are here now. */
  readonly counts: Counts;
  /** Traces whose spans the source holds itself, and whose artifacts lie in no storage that was given: those spans stay behind. */
  readonly tracesWithoutSpans: number;
}

/** Throws ConfigError or DatabaseError, whose messages say the cause and the cure; what was done till then stays done. */
export async function importMlflow({ from, progress = () => {}, ...config }: ImportOptions): Promise<Imported> {
  const path = /^sqlite:\/\/\/(.+)$/.exec(from)?.[1];
  if (path === undefined)
    throw new ConfigError(`The source must be sqlite:///PATH of an MLflow database, not '${from}'.`);
  const { storeUri, ...settings } = settingsOf(config);
  const source = await openSource(path);
  try {
    const to = await openDestination(storeUri, settings);
    try {
      await importExperiments(source, to);
      await importDatasets(source, to);
      await importLoggedModels(source, to);
      await importRuns(source, to, progress);
      await importRegistry(source, to);
      const tracesWithoutSpans = await importTraces(source, to, openPlaces(settings.artifacts));
      return { counts: await verify(source, to), tracesWithoutSpans };
    } finally {
      await to.close();
    }
  } finally {
    source.close();
  }
}

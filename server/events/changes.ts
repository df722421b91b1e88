/** What a write changed, as the pages of others want to know it: derived from the endpoint, its message and its answer. */
import type { RunChangeKind } from '../../api/beyond/events.js';
import type { logging } from '../../api/logging.js';
import type { modelVersions } from '../../api/model-versions.js';
import type { registeredModels } from '../../api/registered-models.js';
import type { runs } from '../../api/runs.js';
import type { RunStatus } from '../../api/scalars.js';
import type { Output } from '../../api/schema.js';
import type { Endpoints, StoreEndpointName } from '../endpoints.js';

export interface RunChange {
  readonly run_id: string;
  readonly change: RunChangeKind;
  /** Where it is known; else it is asked for. */
  readonly experiment_id?: string | undefined;
  /** Those that got values; a key may come more than once. */
  readonly metrics?: readonly { readonly key: string }[];
}

export type StoreChange = RunChange | 'registry';

type Teller<K extends StoreEndpointName> = (
  message: Output<Endpoints[K]['request']>,
  answer: Output<Endpoints[K]['response']>,
) => StoreChange | undefined;

/** Of these tables, what only reads. */
type Reads =
  | 'getRun'
  | 'searchRuns'
  | 'getRegisteredModel'
  | 'searchRegisteredModels'
  | 'getLatestVersions'
  | 'getModelVersionByAlias'
  | 'getModelVersion'
  | 'searchModelVersions'
  | 'getModelVersionDownloadUri';
type Told = Exclude<
  keyof (typeof runs & typeof logging & typeof registeredModels & typeof modelVersions) & StoreEndpointName,
  Reads
>;

interface RunAddress {
  readonly run_id?: string | undefined;
  readonly run_uuid?: string | undefined;
}

const ENDED: ReadonlySet<RunStatus> = new Set(['FINISHED', 'FAILED', 'KILLED']);

const ofRun =
  (change: RunChangeKind) =>
  ({ run_id, run_uuid }: RunAddress): RunChange => ({ run_id: run_id || run_uuid || '', change });
const changed = ofRun('changed');
const registry = () => 'registry' as const;

/** A write of these tables without an entry does not compile. */
const tellers: { readonly [K in Told]: Teller<K> } & { readonly [K in StoreEndpointName]?: Teller<K> } = {
  createRun: (_, { run: { info } }) => ({ run_id: info.run_id, experiment_id: info.experiment_id, change: 'created' }),
  updateRun: ({ status }, { run_info }) => ({
    run_id: run_info.run_id,
    experiment_id: run_info.experiment_id,
    change: status !== undefined && ENDED.has(status) ? 'ended' : 'changed',
  }),
  sendHeartbeat: ({ run_id }, { revived }) => (revived ? { run_id, change: 'changed' } : undefined),
  endSilentRun: (_, { run_id }) => (run_id === undefined ? undefined : { run_id, change: 'ended' }),
  deleteRun: ofRun('deleted'),
  restoreRun: ofRun('restored'),
  logMetric: (message) => ({ ...changed(message), metrics: [message] }),
  logBatch: (message) => ({ ...changed(message), metrics: message.metrics }),
  logParam: changed,
  setTag: changed,
  deleteTag: changed,
  logInputs: changed,
  logModel: changed,
  logOutputs: changed,

  createRegisteredModel: registry,
  renameRegisteredModel: registry,
  updateRegisteredModel: registry,
  deleteRegisteredModel: registry,
  setRegisteredModelTag: registry,
  deleteRegisteredModelTag: registry,
  setRegisteredModelAlias: registry,
  deleteRegisteredModelAlias: registry,
  createModelVersion: registry,
  updateModelVersion: registry,
  transitionModelVersionStage: registry,
  deleteModelVersion: registry,
  setModelVersionTag: registry,
  deleteModelVersionTag: registry,
};

/** Undefined for what no page follows. */
export function changeOf(endpoint: StoreEndpointName, message: unknown, answer: unknown): StoreChange | undefined {
  // The table's types pair each teller with its endpoint's message and answer; here the endpoint is only known to be one of them.
  const tell = tellers[endpoint] as ((message: unknown, answer: unknown) => StoreChange | undefined) | undefined;
  return tell?.(message, answer);
}

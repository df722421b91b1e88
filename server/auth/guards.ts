/** Who may call which endpoint. An endpoint without a guard does not compile; admins pass every one of them. */
import type { Output } from '../../api/index.js';
import type { Endpoints, StoreEndpointName } from '../endpoints.js';
import { runIdOf } from '../store/validation.js';
import type { Access } from './access.js';
import type { Level } from './calls.js';
import { forbidden } from './identity.js';

type Guard<M> = (message: M, access: Access) => Promise<void> | void;
type Guards = { readonly [K in StoreEndpointName]: Guard<Output<Endpoints[K]['request']>> };

type RunAddress = { run_id?: string | undefined; run_uuid?: string | undefined };

/** Whoever has signed in: what an answer holds is chosen by what he may read, or is his own. */
const anyUser = () => {};
const admins = () => {
  throw forbidden();
};
const self: Guard<{ username: string }> = ({ username }, access) => access.self(username);
const experiment =
  (level: Level): Guard<{ experiment_id?: string | undefined }> =>
  ({ experiment_id }, access) =>
    access.experiment(experiment_id || DEFAULT_ID, level);
const run =
  (level: Level): Guard<RunAddress> =>
  (message, access) =>
    access.run(runIdOf(message), level);
const loggedModel =
  (level: Level): Guard<{ model_id: string }> =>
  ({ model_id }, access) =>
    access.loggedModel(model_id, level);
const model =
  (level: Level): Guard<{ name: string }> =>
  ({ name }, access) =>
    access.registeredModel(name, level);
const trace =
  (level: Level): Guard<{ trace_id: string }> =>
  ({ trace_id }, access) =>
    access.trace(trace_id, level);
const olderTrace =
  (level: Level): Guard<{ request_id: string }> =>
  ({ request_id }, access) =>
    access.trace(request_id, level);

/** The experiment of requests that name none. */
const DEFAULT_ID = '0';

/** Artifacts that the server keeps are found by their experiment's id: nobody else may choose a place among them. */
const PROXIED = /^\s*(mlflow-artifacts|https?):/i;

const forRuns = async (ids: readonly string[], access: Access) => {
  for (const id of new Set(ids)) await access.run(id, 'read');
};

const traces =
  (level: Level): Guard<{ trace_ids: string[] }> =>
  async ({ trace_ids }, access) => {
    for (const id of new Set(trace_ids)) await access.trace(id, level);
  };

const view =
  (level: Level): Guard<{ view_id: string }> =>
  ({ view_id }, access) =>
    access.view(view_id, level);

/** What belongs to an experiment, or to none. */
const ofExperiment =
  (level: Level): Guard<{ experiment_id?: string | undefined }> =>
  ({ experiment_id }, access) =>
    experiment_id ? access.experiment(experiment_id, level) : undefined;

/** Each of what is named; everything only for admins. */
const deletions: Guard<{ experiment_ids: string[]; run_ids: string[]; model_ids: string[] }> = async (
  { experiment_ids, run_ids, model_ids },
  access,
) => {
  if (experiment_ids.length + run_ids.length + model_ids.length === 0) throw forbidden();
  for (const id of new Set(experiment_ids)) await access.experiment(id, 'delete');
  for (const id of new Set(run_ids)) await access.run(id, 'delete');
  for (const id of new Set(model_ids)) await access.loggedModel(id, 'delete');
};

const resource: Guard<{ resource_type: string; resource_id: string }> = ({ resource_type, resource_id }, access) =>
  resource_type === 'experiment'
    ? access.experiment(resource_id, 'manage')
    : access.registeredModel(resource_id, 'manage');

export const guards: Guards = {
  createExperiment: ({ artifact_location }) => {
    if (artifact_location && PROXIED.test(artifact_location)) throw forbidden();
  },
  getExperiment: experiment('read'),
  getExperimentByName: ({ experiment_name }, access) => access.experimentNamed(experiment_name, 'read'),
  searchExperiments: anyUser,
  updateExperiment: experiment('update'),
  deleteExperiment: experiment('delete'),
  restoreExperiment: experiment('delete'),
  setExperimentTag: experiment('update'),
  deleteExperimentTag: experiment('update'),

  createRun: experiment('update'),
  getRun: run('read'),
  updateRun: run('update'),
  sendHeartbeat: run('update'),
  deleteRun: run('delete'),
  restoreRun: run('delete'),
  searchRuns: anyUser,
  logMetric: run('update'),
  logParam: run('update'),
  logBatch: run('update'),
  setTag: run('update'),
  deleteTag: run('update'),
  logInputs: run('update'),
  logModel: run('update'),
  logOutputs: run('update'),
  getMetricHistory: run('read'),
  getMetricHistoryBulk: ({ run_id }, access) => forRuns(run_id, access),
  getMetricHistoryBulkInterval: ({ run_ids }, access) => forRuns(run_ids, access),
  searchDatasets: anyUser,
  listArtifacts: run('read'),
  locateArtifacts: run('read'),

  createLoggedModel: async ({ experiment_id, source_run_id }, access) => {
    await access.experiment(experiment_id, 'update');
    if (source_run_id) await access.run(source_run_id, 'read');
  },
  getLoggedModel: loggedModel('read'),
  searchLoggedModels: anyUser,
  finalizeLoggedModel: loggedModel('update'),
  deleteLoggedModel: loggedModel('delete'),
  setLoggedModelTags: loggedModel('update'),
  deleteLoggedModelTag: loggedModel('update'),
  logLoggedModelParams: loggedModel('update'),
  listLoggedModelArtifacts: loggedModel('read'),
  locateLoggedModelArtifacts: loggedModel('read'),

  createRegisteredModel: anyUser,
  getRegisteredModel: model('read'),
  renameRegisteredModel: model('update'),
  updateRegisteredModel: model('update'),
  deleteRegisteredModel: model('delete'),
  searchRegisteredModels: anyUser,
  getLatestVersions: model('read'),
  setRegisteredModelTag: model('update'),
  deleteRegisteredModelTag: model('update'),
  setRegisteredModelAlias: model('update'),
  deleteRegisteredModelAlias: model('update'),
  getModelVersionByAlias: model('read'),

  createModelVersion: async ({ name, source, run_id, model_id }, access) => {
    await access.registeredModel(name, 'update');
    if (run_id) await access.run(run_id, 'read');
    if (model_id) await access.loggedModel(model_id, 'read');
    const named = /^models:\/+([^/@]+)/i.exec(source)?.[1];
    if (named === undefined) return;
    await access.registeredModel(named, 'read');
    await access.loggedModel(named, 'read');
  },
  getModelVersion: model('read'),
  updateModelVersion: model('update'),
  transitionModelVersionStage: model('update'),
  deleteModelVersion: model('delete'),
  searchModelVersions: anyUser,
  getModelVersionDownloadUri: model('read'),
  setModelVersionTag: model('update'),
  deleteModelVersionTag: model('delete'),

  startTrace: async ({ trace: { trace_info } }, access) => {
    await access.experiment(trace_info.trace_location.mlflow_experiment?.experiment_id ?? DEFAULT_ID, 'update');
    await access.trace(trace_info.trace_id, 'update');
  },
  getTraceInfo: trace('read'),
  locateTraceArtifacts: trace('read'),
  getTrace: trace('read'),
  batchGetTraces: traces('read'),
  batchGetTraceInfos: traces('read'),
  searchTraces: anyUser,
  deleteTraces: experiment('delete'),
  setTraceTag: trace('update'),
  deleteTraceTag: trace('update'),
  createAssessment: trace('update'),
  getAssessment: trace('read'),
  updateAssessment: trace('update'),
  deleteAssessment: trace('update'),
  startOlderTrace: experiment('update'),
  endOlderTrace: olderTrace('update'),
  getOlderTraceInfo: olderTrace('read'),
  searchOlderTraces: anyUser,
  deleteOlderTraces: experiment('delete'),
  setOlderTraceTag: olderTrace('update'),
  deleteOlderTraceTag: olderTrace('update'),
  linkTracesToRun: async (message, access) => {
    await access.run(message.run_id, 'update');
    await traces('update')(message, access);
  },
  linkPromptsToTrace: trace('update'),

  searchRunRows: anyUser,
  countRuns: anyUser,
  getRunColumns: anyUser,
  searchRunKeys: anyUser,
  searchRunValues: anyUser,
  getMetricCurves: ({ run_ids }, access) => forRuns(run_ids, access),

  createView: ofExperiment('update'),
  getView: view('read'),
  listViews: ofExperiment('read'),
  updateView: view('update'),
  deleteView: view('update'),

  listTrash: anyUser,
  emptyTrash: deletions,
  planTrash: deletions,
  removeTrash: admins,
  listNotedArtifacts: admins,
  forgetNotedArtifacts: admins,

  createWebhook: admins,
  listWebhooks: admins,
  getWebhook: admins,
  updateWebhook: admins,
  deleteWebhook: admins,
  testWebhook: admins,
  prepareWebhookTest: admins,
  claimDeliveries: admins,
  endSilentRun: admins,
  settleDelivery: admins,

  createUser: admins,
  getUser: self,
  getCurrentUser: anyUser,
  listUsers: admins,
  updateUserPassword: self,
  updateUserAdmin: admins,
  deleteUser: admins,
  createExperimentPermission: experiment('manage'),
  getExperimentPermission: experiment('manage'),
  updateExperimentPermission: experiment('manage'),
  deleteExperimentPermission: experiment('manage'),
  createRegisteredModelPermission: model('manage'),
  getRegisteredModelPermission: model('manage'),
  updateRegisteredModelPermission: model('manage'),
  deleteRegisteredModelPermission: model('manage'),
  grantUserPermission: resource,
  revokeUserPermission: resource,
  getUserPermission: (message, access) =>
    message.username === access.caller.username ? undefined : resource(message, access),
  createToken: anyUser,
  listTokens: anyUser,
  revokeToken: anyUser,
  createSession: anyUser,
  getSession: anyUser,
  deleteSession: anyUser,

  getServerFacts: anyUser,
  findRunExperiments: admins,
  findReadableExperiments: anyUser,

  hasUsers: admins,
  addFirstAdmin: admins,
  addUser: admins,
  changePassword: self,
  findPassword: admins,
  findToken: admins,
  addSession: admins,
  findSession: admins,
  extendSession: admins,
  endSessions: admins,
  checkAccess: async ({ level, experiment_id, run_id, model_id, model_name, trace_id }, given) => {
    const access = given.strictly();
    if (experiment_id !== undefined) return access.experiment(experiment_id, level);
    if (run_id !== undefined) return access.run(run_id, level);
    if (model_id !== undefined) return access.loggedModel(model_id, level);
    if (model_name !== undefined) return access.registeredModel(model_name, level);
    if (trace_id !== undefined) return access.trace(trace_id, level);
    throw forbidden();
  },
};

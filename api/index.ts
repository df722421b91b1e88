/** The contract: every endpoint of the server in one table. */
import { artifacts } from './artifacts.js';
import { permissions } from './auth/permissions.js';
import { sessions } from './auth/sessions.js';
import { tokens } from './auth/tokens.js';
import { users } from './auth/users.js';
import { curves } from './beyond/curves.js';
import { heartbeats } from './beyond/heartbeats.js';
import { runTable } from './beyond/run-table.js';
import { serverFacts } from './beyond/server.js';
import { trash } from './beyond/trash.js';
import { views } from './beyond/views.js';
import { datasets } from './datasets.js';
import type { Calls } from './endpoint.js';
import { experiments } from './experiments.js';
import { loggedModels } from './logged-models.js';
import { logging } from './logging.js';
import { metrics } from './metrics.js';
import { modelVersions } from './model-versions.js';
import { registeredModels } from './registered-models.js';
import { runs } from './runs.js';
import { assessments } from './traces/assessments.js';
import { olderTraces } from './traces/older-traces.js';
import { traces } from './traces/traces.js';
import { webhooks } from './webhooks.js';

export const api = {
  ...experiments,
  ...runs,
  ...logging,
  ...metrics,
  ...datasets,
  ...artifacts,
  ...loggedModels,
  ...registeredModels,
  ...modelVersions,
  ...traces,
  ...olderTraces,
  ...assessments,
  ...webhooks,
  ...users,
  ...permissions,
  ...tokens,
  ...sessions,
  ...runTable,
  ...curves,
  ...views,
  ...trash,
  ...heartbeats,
  ...serverFacts,
};

export type Api = typeof api;
export type EndpointName = keyof Api & string;
export type ApiCalls = Calls<Api>;

export { ARTIFACT_PROXY_PATH, type FileInfo } from './artifacts.js';
export { PERMISSION, type Permission } from './auth/permission-types.js';
export type { Token } from './auth/tokens.js';
export type { User } from './auth/users.js';
export type { Curve } from './beyond/curves.js';
export { type ChangedRun, EVENTS_PATH, type RunChangeKind, type RunsEvent } from './beyond/events.js';
export { KEY_KIND, type KeyKind, type RunColumn, type RunKey } from './beyond/run-table.js';
export type { ServerFacts } from './beyond/server.js';
export {
  DESCRIBE_PATH,
  INVOCATIONS_PATH,
  type ServingDescription,
  type ServingParam,
  type ServingSpec,
} from './beyond/serving.js';
export { TRASH_KIND, type TrashItem, type TrashKind } from './beyond/trash.js';
export type { View } from './beyond/views.js';
export type { Dataset, DatasetInput } from './datasets.js';
export { type Access, API_PREFIXES, type Calls, type Endpoint, type Handlers, type Method } from './endpoint.js';
export {
  type ErrorBody,
  type ErrorCode,
  errorCodeOfStatus,
  invalid,
  MltrackError,
  missing,
  STATUS_OF_ERROR,
} from './errors.js';
export type { Experiment } from './experiments.js';
export { LIMITS } from './limits.js';
export { LOGGED_MODEL_STATUS, type LoggedModel, type LoggedModelStatus } from './logged-models.js';
export type { Metric } from './metrics.js';
export type { ModelVersion } from './model-versions.js';
export type { RegisteredModel } from './registered-models.js';
export { CLIENT_ID_TAG, type Run, type RunData, type RunInfo } from './runs.js';
export { type KeyValue, type LifecycleStage, RUN_STATUS, type RunStatus, type ViewType } from './scalars.js';
export { type Input, type Int64, LostDigits, type Message, type Output, type Shape, type TypeDoc } from './schema.js';
export type { Assessment } from './traces/assessments.js';
export type { OlderTraceInfo } from './traces/older-traces.js';
export { TRACE_STATE, type TraceInfo, type TraceState } from './traces/traces.js';
export {
  RUN_ACTION,
  type RunAction,
  type RunEvent,
  type Webhook,
  type WebhookAction,
  type WebhookEntity,
  type WebhookEvent,
  type WebhookStatus,
} from './webhooks.js';

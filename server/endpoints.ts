/** Every endpoint that the store answers: the contract's, but for what needs more than a store, and those that the server asks itself. */
import { api } from '../api/index.js';
import { artifactCalls } from './artifacts/calls.js';
import { authCalls, sessionCalls } from './auth/calls.js';
import { eventCalls } from './events/calls.js';
import { trashCalls } from './gc/calls.js';
import { heartbeatCalls } from './heartbeats/calls.js';
import { deliveryCalls } from './webhooks/calls.js';

export const endpoints = {
  ...api,
  ...deliveryCalls,
  ...artifactCalls,
  ...authCalls,
  ...sessionCalls,
  ...eventCalls,
  ...trashCalls,
  ...heartbeatCalls,
};

export type Endpoints = typeof endpoints;
/** Here for their routing; they are answered before the store, which can wait for neither a network nor a storage nor a hash. */
export type AnsweredBefore =
  | 'testWebhook'
  | 'listArtifacts'
  | 'listLoggedModelArtifacts'
  | 'emptyTrash'
  | 'createUser'
  | 'updateUserPassword'
  | 'createSession'
  | 'getSession'
  | 'deleteSession';
/** What a store thread can be asked. */
export type StoreEndpointName = keyof Endpoints & string;

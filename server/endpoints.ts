/** Every endpoint that the store answers: the contract's, but for what needs more than a store, and those that the server asks itself. */
import { api } from '../api/index.js';
import { authCalls } from './auth/calls.js';
import { deliveryCalls } from './webhooks/calls.js';

/** `testWebhook`, `createUser` and `updateUserPassword` are here for parsing and routing: the deliverer and the front answer them. */
export const endpoints = { ...api, ...deliveryCalls, ...authCalls };

export type Endpoints = typeof endpoints;
/** What a store thread can be asked. */
export type StoreEndpointName = keyof Endpoints & string;
/** Those that no store answers. */
export type FrontEndpoints = 'testWebhook' | 'createUser' | 'updateUserPassword';

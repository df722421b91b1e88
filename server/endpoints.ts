/** Every endpoint that the store answers: the contract's, but for what needs more than a store, and those that the server asks itself. */
import { api } from '../api/index.js';
import { deliveryCalls } from './webhooks/calls.js';

/** `testWebhook` is here for its parsing and routing; the deliverer answers it. */
export const endpoints = { ...api, ...deliveryCalls };

export type Endpoints = typeof endpoints;
/** What a store thread can be asked. */
export type StoreEndpointName = keyof Endpoints & string;

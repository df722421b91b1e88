/** What one endpoint is: the unit of the contract. Routes, client methods, documentation and store handlers follow from a table of these. */
import type { Input, Message, Output, Shape } from './schema.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `read` answers from an index in a few statements; `search` may scan and runs on threads of its own. */
export type Access = 'read' | 'search' | 'write';

export interface Endpoint<Q extends Message<Shape> = Message<Shape>, R extends Message<Shape> = Message<Shape>> {
  /** The first is what clients send. */
  readonly method: readonly Method[];
  /** Below a prefix, from the version on: `/2.0/mlflow/…`. `{name}` stands for a field of the request. */
  readonly path: string;
  readonly access: Access;
  readonly doc: string;
  readonly request: Q;
  readonly response: R;
}

export type Table = Record<string, Endpoint>;

/** Callers' side of a table: what a client offers, and what the conformance suite speaks to. */
export type Calls<T extends Table> = {
  [K in keyof T]: (request: Input<T[K]['request']>) => Promise<Output<T[K]['response']>>;
};

/** Store's side of a table: defaults are filled in, `C` is the request's context. */
export type Handlers<T extends Table, C> = {
  [K in keyof T]: (request: Output<T[K]['request']>, context: C) => Promise<Output<T[K]['response']>>;
};

export function endpoint<Q extends Message<Shape>, R extends Message<Shape>>(
  method: Method | readonly Method[],
  path: string,
  access: Access,
  doc: string,
  request: Q,
  response: R,
): Endpoint<Q, R> {
  return { method: typeof method === 'string' ? [method] : method, path, access, doc, request, response };
}

/** The prefixes every path is served under: clients use the first, MLflow's own UI the second. */
export const API_PREFIXES = ['/api', '/ajax-api'] as const;

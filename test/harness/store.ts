/** The store behind each of its doors, for the conformance suite: SQLite and PostgreSQL in this process, and a server over HTTP. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, inject } from 'vitest';
import { type ApiCalls, api, type EndpointName, type ErrorBody, MltrackError } from '../../api/index.js';
import { connect } from '../../client/connect.js';
import type { StoreResponse } from '../../server/answer.js';
import { hostPolicy } from '../../server/artifacts/host-addressed.js';
import { lengthRules } from '../../server/length-rules.js';
import { createMemory } from '../../server/store/context.js';
import type { ThreadRequest, ThreadSettings } from '../../server/threads/messages.js';
import { openPostgresRole } from '../../server/threads/postgres-role.js';
import { openReaderRole, openWriterRole } from '../../server/threads/sqlite-roles.js';
import type { Role } from '../../server/threads/worker.js';
import { webhookSettings } from '../../server/webhooks/settings.js';
import { startServer } from './server.js';

export interface OpenStore {
  readonly calls: ApiCalls;
  /** Folds everything that waits; the server over HTTP does it in its own time. */
  fold(): Promise<void>;
  close(): Promise<void>;
}

const DOORS: Record<string, () => Promise<OpenStore>> = { sqlite, postgres, http };

/** Runs a suite once per door. */
export function describeStore(name: string, suite: (open: () => Promise<OpenStore>) => void): void {
  for (const [door, open] of Object.entries(DOORS)) describe(`${name} (${door})`, () => suite(open));
}

async function sqlite(): Promise<OpenStore> {
  const folder = await mkdtemp(join(tmpdir(), 'mltrack-store-'));
  const settings = threadSettings('writer', join(folder, 'mltrack.db'));
  const writer = await openWriterRole(settings, optionsOf(settings, true));
  const reader = await openReaderRole(settings, optionsOf(settings, false));
  return {
    calls: roleCalls((name) => (api[name].access === 'write' ? writer : reader)),
    fold: () => foldAll(writer),
    async close() {
      await reader.close();
      await writer.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function postgres(): Promise<OpenStore> {
  const settings = threadSettings('postgres', await createDatabase());
  const role = await openPostgresRole(settings, optionsOf(settings, false));
  return {
    calls: roleCalls(() => role),
    fold: () => foldAll(role),
    close: () => role.close(),
  };
}

async function http(): Promise<OpenStore> {
  const server = await startServer();
  return { calls: connect(server.url), fold: async () => {}, close: async () => void (await server.stop()) };
}

/** A new, empty database of the test run's PostgreSQL. */
export async function createDatabase(): Promise<string> {
  const uri = inject('postgresUri');
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2)}`;
  const client = new pg.Client(`${uri}/postgres`);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return `${uri}/${name}`;
}

export function threadSettings(role: ThreadSettings['role'], database: string): ThreadSettings {
  return {
    role,
    database,
    connections: 4,
    defaultArtifactRoot: 'mlflow-artifacts:',
    lengths: lengthRules({}),
    webhooks: webhookSettings({}),
    artifactHosts: hostPolicy({}, []),
  };
}

export function optionsOf(settings: ThreadSettings, rememberRuns: boolean) {
  return {
    settings,
    memory: createMemory(rememberRuns),
  };
}

async function foldAll(role: Role): Promise<void> {
  while (await role.idle?.()) {
    // Each call folds one run's part.
  }
}

let ids = 0;

/** A role takes its next requests when it has answered the last, as its thread does. */
const turns = new WeakMap<Role, Promise<unknown>>();

function answer(role: Role, message: ThreadRequest): Promise<StoreResponse> {
  return new Promise((resolve, reject) => {
    const turn = (turns.get(role) ?? Promise.resolve()).then(() =>
      role.answer([message], (_requests, [response]) => response && resolve(response)),
    );
    turns.set(role, turn);
    turn.catch(reject);
  });
}

/** The client's methods, without HTTP: the same bytes through the same dispatch. */
function roleCalls(roleOf: (name: EndpointName) => Role): ApiCalls {
  const calls: Record<string, unknown> = {};
  for (const name of Object.keys(api) as EndpointName[]) {
    calls[name] = async (request: unknown) => {
      const body = Buffer.from(
        JSON.stringify(request, (_key, value) =>
          typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value,
        ),
      );
      const id = ids++;
      const message: ThreadRequest = {
        id,
        endpoint: name,
        fields: {},
        body,
        requestId: String(id),
        deadline: Date.now() + 1e6,
      };
      const response = await answer(roleOf(name), message);
      const value = JSON.parse(Buffer.from(response.body).toString());
      if (response.status === 200) return api[name].response.revive(value);
      const { error_code, message: text } = value as ErrorBody;
      throw new MltrackError(error_code, text);
    };
  }
  return calls as unknown as ApiCalls;
}

/** The servers that are compared: how each is installed and started. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { cache, fromPyPI } from './python.js';
import type { Startable } from './server.js';

export const peerNames = ['mltrack', 'floor', 'fasttrackml', 'mlflow'] as const;
export type PeerName = (typeof peerNames)[number];

export interface Peer extends Startable {
  name: PeerName;
}

export const peers: Record<PeerName, Peer> = {
  mltrack: {
    name: 'mltrack',
    title: 'mltrack',
    health: '/health',
    command: (port) => [process.execPath, join(cache, 'dist/mltrack.cjs'), 'server', '--port', String(port)],
    deferred(cwd) {
      const db = new Database(join(cwd, 'mltrack.db'), { readonly: true });
      const unfolded = db.prepare('SELECT count(*) FROM metric_log').pluck().get() as number;
      db.close();
      return unfolded;
    },
  },
  floor: {
    name: 'floor',
    title: 'floor',
    health: '/health',
    command: (port) => [process.execPath, join(cache, 'floor.js'), String(port)],
  },
  fasttrackml: {
    name: 'fasttrackml',
    title: 'FastTrackML',
    health: '/health',
    command: (port) => [
      // The wheel holds a Go binary; its dependencies are for its Python client.
      process.env.MLTRACK_BENCH_FASTTRACKML ?? fromPyPI(['fasttrackml==0.6.0'], 'fml', ['--no-deps']),
      ...['server', '--listen-address', `127.0.0.1:${port}`],
    ],
  },
  mlflow: {
    name: 'mlflow',
    title: 'MLflow',
    health: '/health',
    command: (port) => [
      process.env.MLTRACK_BENCH_MLFLOW ?? fromPyPI(['mlflow==3.17.2'], 'mlflow'),
      ...['server', '--workers', '1', '--port', String(port), '--backend-store-uri', 'sqlite:///mlflow.db'],
    ],
  },
};

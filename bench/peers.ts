/** The servers that are compared: how each is installed and started. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

/** This file runs bundled, beside everything else the bench keeps: the floor, mltrack's build and the virtual environments. */
const cache = fileURLToPath(new URL('.', import.meta.url));

export const peerNames = ['mltrack', 'floor', 'fasttrackml', 'mlflow'] as const;
export type PeerName = (typeof peerNames)[number];

export interface Peer {
  name: PeerName;
  title: string;
  /** Installs what is missing. Throws when it cannot. */
  command(port: number): string[];
  /** Work that it has put off, when it runs in this folder. */
  deferred?(cwd: string): number;
}

export const peers: Record<PeerName, Peer> = {
  mltrack: {
    name: 'mltrack',
    title: 'mltrack',
    command: (port) => [process.execPath, join(cache, 'dist/cli.js'), 'server', '--port', String(port)],
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
    command: (port) => [process.execPath, join(cache, 'floor.js'), String(port)],
  },
  fasttrackml: {
    name: 'fasttrackml',
    title: 'FastTrackML',
    command: (port) => [
      // The wheel holds a Go binary; its dependencies are for its Python client.
      process.env.MLTRACK_BENCH_FASTTRACKML ?? fromPyPI('fasttrackml==0.6.0', 'fml', ['--no-deps']),
      ...['server', '--listen-address', `127.0.0.1:${port}`],
    ],
  },
  mlflow: {
    name: 'mlflow',
    title: 'MLflow',
    command: (port) => [
      process.env.MLTRACK_BENCH_MLFLOW ?? fromPyPI('mlflow==3.17.2', 'mlflow'),
      ...['server', '--workers', '1', '--port', String(port), '--backend-store-uri', 'sqlite:///mlflow.db'],
    ],
  },
};

/** Telemetry would be CPU time that no user asked for, and needs the internet. */
export const peerEnvironment = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' };

/** Path of a program out of a Python package, installed into a virtual environment of its own on first use. */
function fromPyPI(requirement: string, program: string, pipFlags: string[] = []): string {
  const venv = join(cache, requirement.replace('==', '-'));
  const path = join(venv, 'bin', program);
  if (existsSync(path)) return path;
  process.stderr.write(`installing ${requirement}\n`);
  const commands = [
    ['python3', '-m', 'venv', venv],
    [join(venv, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', ...pipFlags, requirement],
  ];
  for (const [file, ...args] of commands) {
    if (spawnSync(file!, args, { stdio: ['ignore', 2, 2] }).status !== 0) {
      rmSync(venv, { recursive: true, force: true });
      throw new Error(`${requirement} could not be installed.`);
    }
  }
  return path;
}

/** The model servers that are compared: how each is installed and started, and how it is asked. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cache, fromPyPI } from '../python.js';
import type { Startable } from '../server.js';
import { type Dialect, invocations, v2, v2Binary } from './dialects.js';
import { type Model, mlflow } from './models.js';

export const serverNames = ['mltrack', 'express', 'mlflow', 'mlserver'] as const;
export type ServerName = (typeof serverNames)[number];

export interface ModelServer {
  title: string;
  /** The server of one model. */
  serving(model: Model): Startable;
  json: Dialect;
  /** Undefined when it has none. */
  binary?: Dialect;
}

export const servers: Record<ServerName, ModelServer> = {
  mltrack: {
    title: 'mltrack',
    serving: ({ folder }) => ({
      title: 'mltrack',
      health: '/ping',
      command: (port) => [
        process.execPath,
        join(cache, 'dist/mltrack.cjs'),
        'models',
        'serve',
        '-m',
        folder,
        '-p',
        `${port}`,
      ],
    }),
    json: invocations,
    binary: v2Binary,
  },
  express: {
    title: 'Express',
    serving: ({ onnx }) => ({
      title: 'Express',
      health: '/ping',
      command: (port) => [process.execPath, join(cache, 'serving/express-server.js'), `${port}`, onnx],
    }),
    json: invocations,
  },
  mlflow: {
    title: 'MLflow',
    serving: ({ folder }) => ({
      title: 'MLflow',
      health: '/ping',
      // Its default is one worker.
      command: (port) => [
        ...onPath(mlflow('mlflow')),
        ...['models', 'serve', '--model-uri', folder, '--env-manager', 'local', '--port', `${port}`],
      ],
    }),
    json: invocations,
  },
  mlserver: {
    title: 'MLServer',
    serving: ({ folder }) => ({
      title: 'MLServer',
      health: '/v2/models/model/ready',
      command(port, cwd) {
        const model = { name: 'model', implementation: 'mlserver_mlflow.MLflowRuntime', parameters: { uri: folder } };
        writeFileSync(join(cwd, 'model-settings.json'), JSON.stringify(model));
        // Without a line in the log for every request, and with ports of nobody else; the rest is its default.
        const settings = { host: '127.0.0.1', debug: false, http_port: port, grpc_port: 0, metrics_endpoint: null };
        writeFileSync(join(cwd, 'settings.json'), JSON.stringify(settings));
        return [...onPath(mlserver()), 'start', '.'];
      },
    }),
    // It has no binary tensor extension over HTTP.
    json: v2,
  },
};

/** It starts with uvloop up to 0.21 only: later ones no longer make an event loop on demand. */
function mlserver(): string {
  const requirements = ['mlserver==1.7.1', 'mlserver-mlflow==1.7.1', 'mlflow==3.17.2', 'uvloop==0.21.0'];
  return fromPyPI([...requirements, 'onnx==1.23.2', 'onnxruntime==1.32.0'], 'mlserver');
}

/** Runs a program of a virtual environment, which finds the environment's other programs. */
function onPath(program: string): string[] {
  return ['env', `PATH=${dirname(program)}:${process.env.PATH}`, program];
}

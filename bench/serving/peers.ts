/** The model servers that are compared: how each is installed and started, and how it is asked. */
import { join } from 'node:path';
import { cache } from '../python.js';
import type { Startable } from '../server.js';
import { type Dialect, invocations, v2Binary } from './dialects.js';
import type { Model } from './models.js';

export const serverNames = ['mltrack', 'express'] as const;
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
        join(cache, 'dist/cli.js'),
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
};

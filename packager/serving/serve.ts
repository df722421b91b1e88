/** `models serve`: a model URI to a listening model server, and back to nothing. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { curlFor } from './about/curl.js';
import { defaultReplyType } from './codecs/reply-type.js';
import { drainable } from './drain.js';
import type { Engine } from './engine/engine.js';
import { isMultiModel, numberFrom } from './environment.js';
import { createHttpServer } from './http.js';
import { LoadedModels } from './models/loaded.js';
import { memoryForModels } from './models/memory.js';
import { type FoundModel, findModel, openModel } from './models/open.js';
import { type ProviderChoice, providerFromEnvironment, requireAlone } from './probing/provider.js';
import { modelRoutes } from './routes.js';

export interface ServeOptions {
  /** A folder, or any URI `resolveModel` understands. May be undefined where `SAGEMAKER_MULTI_MODEL` is true. */
  readonly modelUri?: string | undefined;
  readonly host: string;
  /** 0: any free one. Default: the environment's (`environment.ts`, as for all that follow), else 5000. */
  readonly port?: number | undefined;
  /** Worker threads. Default: the environment's, else by the model's size (`sizing.ts`). */
  readonly workers?: number | undefined;
  /** What runs the graph. Default: `MLTRACK_PROVIDER`, else `auto`, the best that works (`provider.ts`). */
  readonly provider?: ProviderChoice | undefined;
  /** Seconds until a request is answered 504. Default: the environment's, else 60. */
  readonly timeout?: number | undefined;
  /** The largest body, in MiB. Default: the environment's, else 25. */
  readonly maxPayload?: number;
  /** The model's name in the paths of the Open Inference Protocol. */
  readonly name: string;
  /** What `GET /version` answers. */
  readonly version: string;
}

export interface Serving {
  readonly url: string;
  /** One line for a shell that asks the named model for a prediction; undefined without one. Never rejects. */
  curl(): Promise<string | undefined>;
  /** Takes no new request, waits for those that run (25 s at most), and gives everything back. */
  close(): Promise<void>;
}

/** What a stopping container is left with: SageMaker and Kubernetes kill after 30 s. */
const DRAIN_MS = 25_000;

/**
 * A worker still at the same job after so many timeouts is taken for hung. When all are, /ping answers 503 and the platform
 * replaces the container: a thread inside an inference cannot be ended alone.
 */
const STUCK_TIMEOUTS = 3;

/** Of a request, a worker and a model, from the options and the environment. Throws an Error that names what is wrong. */
function settingsOf(options: ServeOptions) {
  const { env } = process;
  const timeout = (options.timeout ?? numberFrom(env, 'timeout') ?? 60) * 1000;
  const several = isMultiModel(env);
  const choice = options.provider ?? providerFromEnvironment(env);
  requireAlone(choice, several);
  return {
    port: options.port ?? numberFrom(env, 'port') ?? 5000,
    maxPayload: options.maxPayload ?? numberFrom(env, 'maxPayload') ?? 25,
    timeout,
    replyType: defaultReplyType(env),
    opening: {
      choice,
      several,
      workers: options.workers ?? numberFrom(env, 'workers'),
      stuckAfter: timeout * STUCK_TIMEOUTS,
    },
  };
}

/**
 * Resolves once the model, if one is named, is loaded and requests are answered; before that `/ping` is 503.
 * Throws an Error of one line when there is no model, it does not load, or the port is taken.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { port, opening, ...settings } = settingsOf(options);
  const { timeout, maxPayload } = settings;
  const models = opening.several ? severalModels({ ...opening, timeout }) : undefined;
  let found: FoundModel | undefined;
  let engine: Engine | undefined;
  let server: Server | undefined;
  try {
    if (options.modelUri !== undefined) found = await findModel(options.modelUri);
    else if (!models) throw new Error('No model: name one with --model-uri, or set SAGEMAKER_MULTI_MODEL=true');
    const { name, version } = options;
    const own = found && { engine: () => engine, name, title: titleOf(found.uri) };
    server = createHttpServer(modelRoutes({ ...settings, own, models, version }), maxPayload);
    const drain = drainable(server);
    const url = await listen(server, options.host, port);
    if (found) engine = await openModel(found, { ...opening, label: '' });
    const close = async () => {
      await drain(DRAIN_MS);
      found?.remove();
      // A thread inside an inference cannot be ended; it goes with the process.
      const ended = Promise.all([engine?.close(), models?.close()]);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    };
    return { url, curl: async () => engine && curlFor(url, engine, EXAMPLE_MS), close };
  } catch (error) {
    server?.close();
    found?.remove();
    throw error;
  }
}

/** For a body to be found that the model answers; without one the curl line fetches it. */
const EXAMPLE_MS = 1000;

/** The last name in a URI. */
const titleOf = (uri: string) => /([^/]+)\/*$/.exec(uri)?.[1] ?? uri;

function severalModels(opening: Omit<ConstructorParameters<typeof LoadedModels>[0], 'memory'>): LoadedModels {
  const mib = numberFrom(process.env, 'modelMemory');
  return new LoadedModels({ ...opening, memory: mib === undefined ? memoryForModels() : mib * 2 ** 20 });
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'EADDRINUSE' ? 'the port is in use' : (error as Error).message;
    throw new Error(`Cannot listen on ${host}:${port}: ${why}`);
  }
  const address = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

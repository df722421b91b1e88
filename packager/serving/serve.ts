/** `models serve`: a model URI to a listening model server, and back to nothing. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { readModel } from '../mlmodel.js';
import { resolveModel } from '../model-uri.js';
import { defaultReplyType } from './codecs/reply-type.js';
import { drainable } from './drain.js';
import { type Engine, startEngine } from './engine.js';
import { createHttpServer } from './http.js';
import { modelRoutes } from './routes.js';
import { sizingOf, workersFromEnvironment } from './sizing.js';

export interface ServeOptions {
  /** A folder, or any URI `resolveModel` understands. */
  readonly modelUri: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Worker threads. Default: `MODEL_SERVER_WORKERS`, `MLFLOW_MODELS_WORKERS`, else by the model's size (`sizing.ts`). */
  readonly workers?: number | undefined;
  /** Seconds until a request is answered 504. */
  readonly timeout: number;
  /** The largest body, in MiB. Default: `SAGEMAKER_MAX_PAYLOAD_IN_MB`, else 25. */
  readonly maxPayload?: number;
  /** The model's name in the paths of the Open Inference Protocol. */
  readonly name: string;
  /** What `GET /version` answers. */
  readonly version: string;
}

export interface Serving {
  readonly url: string;
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

/**
 * Resolves once the model is loaded and requests are answered; before that `/ping` is 503.
 * Throws an Error of one line when there is no model, it does not load, or the port is taken.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const maxPayload = options.maxPayload ?? payloadFromEnvironment();
  const replyType = defaultReplyType(process.env);
  const workers = options.workers ?? workersFromEnvironment(process.env);
  const source = await resolveModel(options.modelUri);
  let engine: Engine | undefined;
  let server: Server | undefined;
  try {
    const model = await readModel(source.directory);
    const routes = modelRoutes({
      engine: () => engine,
      timeout: options.timeout * 1000,
      maxPayload,
      replyType,
      name: options.name,
      version: options.version,
    });
    server = createHttpServer(routes, maxPayload);
    const drain = drainable(server);
    const url = await listen(server, options.host, options.port);
    const stuckAfter = options.timeout * 1000 * STUCK_TIMEOUTS;
    const sizing = sizingOf(model.size, availableParallelism(), workers);
    const loaded = await startEngine({ model, sizing, stuckAfter }).catch((error: Error) => {
      throw new Error(`The model at ${options.modelUri} does not load: ${error.message}`);
    });
    engine = loaded;
    const { on, reason } = loaded.batching;
    console.error(
      `mltrack: workers: ${sizing.workers}, threads each: ${model.session.intraOpThreads ?? sizing.intraOpThreads}`,
    );
    console.error(`mltrack: requests ${on ? 'share runs' : 'run one by one'}: ${reason}`);
    const close = async () => {
      await drain(DRAIN_MS);
      source.remove();
      // A thread inside an inference cannot be ended; it goes with the process.
      await Promise.race([loaded.close(), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    };
    return { url, close };
  } catch (error) {
    server?.close();
    source.remove();
    throw error;
  }
}

function payloadFromEnvironment(): number {
  const text = process.env.SAGEMAKER_MAX_PAYLOAD_IN_MB;
  if (text === undefined || text === '') return 25;
  const payload = Number(text);
  if (!(payload > 0)) throw new Error(`SAGEMAKER_MAX_PAYLOAD_IN_MB is '${text}': it must be a positive number`);
  return payload;
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

/** `models serve`: a model URI to a listening model server, and back to nothing. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { readModel } from '../mlmodel.js';
import { resolveModel } from '../model-uri.js';
import { curlFor } from './about/curl.js';
import { defaultReplyType } from './codecs/reply-type.js';
import { drainable } from './drain.js';
import { type Engine, startEngine } from './engine.js';
import { numberFrom } from './environment.js';
import { createHttpServer } from './http.js';
import { chooseProvider, type ProviderChoice, providerFromEnvironment } from './probing/provider.js';
import { modelRoutes } from './routes.js';
import { sizingOf } from './sizing.js';

export interface ServeOptions {
  /** A folder, or any URI `resolveModel` understands. */
  readonly modelUri: string;
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
  /** One line for a shell that asks for a prediction. Never rejects. */
  curl(): Promise<string>;
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
  const maxPayload = options.maxPayload ?? numberFrom(process.env, 'maxPayload') ?? 25;
  const workers = options.workers ?? numberFrom(process.env, 'workers');
  const port = options.port ?? numberFrom(process.env, 'port') ?? 5000;
  const timeout = (options.timeout ?? numberFrom(process.env, 'timeout') ?? 60) * 1000;
  const choice = options.provider ?? providerFromEnvironment(process.env);
  const replyType = defaultReplyType(process.env);
  const source = await resolveModel(options.modelUri);
  let engine: Engine | undefined;
  let server: Server | undefined;
  try {
    const model = await readModel(source.path);
    const routes = modelRoutes({
      engine: () => engine,
      timeout,
      maxPayload,
      replyType,
      name: options.name,
      version: options.version,
      title: titleOf(options.modelUri),
    });
    server = createHttpServer(routes, maxPayload);
    const drain = drainable(server);
    const url = await listen(server, options.host, port);
    const { provider, reason: why } = await chooseProvider(model, choice);
    const sizing = sizingOf(model.size, availableParallelism(), workers, provider);
    const loaded = await startEngine({ model, provider, sizing, stuckAfter: timeout * STUCK_TIMEOUTS }).catch(
      (error: Error) => {
        throw new Error(`The model at ${options.modelUri} does not load: ${error.message}`);
      },
    );
    engine = loaded;
    console.error(`mltrack: execution provider: ${provider} (${why})`);
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
    return { url, curl: () => curlFor(url, loaded, EXAMPLE_MS), close };
  } catch (error) {
    server?.close();
    source.remove();
    throw error;
  }
}

/** For a body to be found that the model answers; without one the curl line fetches it. */
const EXAMPLE_MS = 1000;

/** The last name in a URI. */
const titleOf = (uri: string) => /([^/]+)\/*$/.exec(uri)?.[1] ?? uri;

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

/**
 * The routes of a multi-model server (https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html): models are
 * loaded and unloaded by name while it runs.
 */
import type { IncomingMessage } from 'node:http';
import { Unavailable } from '../engine/engine.js';
import { type Answer, failure, type Handler, json, type Route, readBody } from '../http.js';
import { type InvocationOptions, invocation } from '../invocation.js';
import { AlreadyLoaded, type LoadedModel, type LoadedModels, MemoryShortage } from './loaded.js';

export interface MultiModelOptions extends Omit<InvocationOptions, 'engine'> {
  readonly models: LoadedModels;
}

/** Models on a page of the list. */
const PAGE = 50;

/** `counted`: what `/models/NAME/invoke` is wrapped in. */
export function multiModelRoutes(options: MultiModelOptions, counted: (handler: Handler) => Handler): Route[] {
  const { models } = options;
  const named = (handler: (name: string) => Answer | Promise<Answer>): Handler => {
    return ({ parts: [name = ''] }) => handler(name);
  };
  return [
    {
      path: '/models',
      methods: { GET: ({ query }) => list(models, query), POST: ({ request }) => load(request, options) },
    },
    {
      path: /^\/models\/([^/]+)$/,
      methods: { GET: named((name) => describe(models, name)), DELETE: named((name) => unload(name, models)) },
    },
    { path: /^\/models\/([^/]+)\/invoke$/, methods: { POST: counted(invoke(options)) } },
  ];
}

const notLoaded = (name: string) => failure(404, 'RESOURCE_DOES_NOT_EXIST', `The model '${name}' is not loaded.`);
const description = ({ name, url }: LoadedModel) => ({ modelName: name, modelUrl: url });

function invoke(options: MultiModelOptions): Handler {
  return (exchange) => {
    const [name = ''] = exchange.parts;
    if (!options.models.engine(name)) return notLoaded(name);
    return invocation({ ...options, engine: () => options.models.engine(name) })(exchange);
  };
}

/** A page begins after the name that its token is. */
function list(models: LoadedModels, query: string): Answer {
  const after = new URLSearchParams(query).get('next_page_token') ?? '';
  const rest = models.loaded.filter(({ name }) => name > after);
  const page = rest.slice(0, PAGE);
  return json(200, {
    models: page.map(description),
    ...(rest.length > PAGE && { nextPageToken: page.at(-1)?.name }),
  });
}

function describe(models: LoadedModels, name: string): Answer {
  const found = models.loaded.find((model) => model.name === name);
  return found ? json(200, description(found)) : notLoaded(name);
}

async function load(request: IncomingMessage, { models, maxPayload }: MultiModelOptions): Promise<Answer | undefined> {
  const body = await readBody(request, maxPayload);
  if (body === 'gone') return undefined;
  if (body === 'too large') return failure(413, 'REQUEST_TOO_LARGE', `The body is larger than ${maxPayload} MiB.`);
  const model = modelIn(body);
  if (typeof model === 'string') return failure(400, 'INVALID_PARAMETER_VALUE', model);
  try {
    await models.load(model.name, model.url);
    return json(200, description(model));
  } catch (error) {
    return refusal(error as Error);
  }
}

/** What is to be loaded, or what is wrong with the body. */
function modelIn(body: Uint8Array): LoadedModel | string {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return 'The body must be JSON: {"model_name": "NAME", "url": "FOLDER"}.';
  }
  const { model_name: name, url } = (content ?? {}) as { model_name?: unknown; url?: unknown };
  for (const [key, value] of [
    ['model_name', name],
    ['url', url],
  ]) {
    if (typeof value !== 'string' || value === '') return `'${key}' must be a text that is not empty.`;
  }
  return { name: name as string, url: url as string };
}

async function unload(name: string, models: LoadedModels): Promise<Answer> {
  try {
    return (await models.unload(name)) ? json(200, {}) : notLoaded(name);
  } catch (error) {
    return refusal(error as Error);
  }
}

function refusal(error: Error): Answer {
  if (error instanceof Unavailable) return failure(503, 'TEMPORARILY_UNAVAILABLE', error.message);
  if (error instanceof AlreadyLoaded) return failure(409, 'ALREADY_EXISTS', error.message);
  if (error instanceof MemoryShortage) return failure(507, 'RESOURCE_EXHAUSTED', error.message);
  return failure(400, 'INVALID_PARAMETER_VALUE', error.message);
}

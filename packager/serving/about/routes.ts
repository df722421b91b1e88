/** What a model server says about its model to people and tools: a body to send, the OpenAPI document, the try-it page. */
import { type Engine, Unavailable } from '../engine.js';
import { type Answer, failure, type Handler, json, type Route } from '../http.js';
import { examplesOf } from './examples.js';
import { type Described, openApi } from './openapi.js';
import { tryPage } from './try-page.js';

export interface AboutOptions {
  /** The engine, once its model is loaded. */
  engine(): Engine | undefined;
  /** Milliseconds until a request is answered 504. */
  readonly timeout: number;
  readonly version: string;
  /** What pages call the model. */
  readonly title: string;
}

export function aboutRoutes(options: AboutOptions): Route[] {
  const { title, version, timeout } = options;
  const about = (answer: (described: Described) => Answer): { GET: Handler } => ({
    GET: async () => {
      const engine = options.engine();
      if (!engine) return failure(503, 'TEMPORARILY_UNAVAILABLE', 'No model is loaded yet.');
      try {
        return answer({ engine, examples: await examplesOf(engine, timeout), title, version });
      } catch (error) {
        if (error instanceof Unavailable) return failure(503, 'TEMPORARILY_UNAVAILABLE', error.message);
        throw error;
      }
    },
  });
  return [
    { path: '/', methods: about(tryPage) },
    { path: '/openapi.json', methods: about((described) => json(200, openApi(described))) },
    { path: '/example', methods: about(example) },
  ];
}

function example({ examples: { first } }: Described): Answer {
  return { status: 200, type: first.contentType, body: first.body };
}

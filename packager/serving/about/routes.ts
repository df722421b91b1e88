/** What a model server says about its model to people and tools: a body to send, the OpenAPI document, the try-it page. */
import type { Engine } from '../engine.js';
import { Unavailable } from '../engine.js';
import { type Answer, failure, type Handler, type Route } from '../http.js';
import { type Examples, examplesOf } from './examples.js';

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
  const about = (answer: (engine: Engine, examples: Examples) => Answer): { GET: Handler } => ({
    GET: async () => {
      const engine = options.engine();
      if (!engine) return failure(503, 'TEMPORARILY_UNAVAILABLE', 'No model is loaded yet.');
      try {
        return answer(engine, await examplesOf(engine, options.timeout));
      } catch (error) {
        if (error instanceof Unavailable) return failure(503, 'TEMPORARILY_UNAVAILABLE', error.message);
        throw error;
      }
    },
  });
  return [
    {
      path: '/example',
      methods: about((_, { first }) => ({ status: 200, type: first.contentType, body: first.body })),
    },
  ];
}

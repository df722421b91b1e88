/** What a model server says about its model to people and tools: a body to send, the OpenAPI document, the try-it page. */
import { type Engine, Unavailable } from '../engine/engine.js';
import { type Answer, failure, type Handler, json, type Route } from '../http.js';
import { type Example, examplesOf, firstExample } from './examples.js';
import { openApi } from './openapi.js';
import { tryPage } from './try-page.js';

export interface AboutOptions {
  /** The engine, once its model is loaded. */
  engine(): Engine | undefined;
  /** Milliseconds until a request is answered 504. */
  readonly timeout: number;
  readonly version: string;
  /** What pages call the model. */
  readonly title: string;
  /** The model's name in the paths of the Open Inference Protocol. */
  readonly name: string;
}

export function aboutRoutes(options: AboutOptions): Route[] {
  const { title, name, version, timeout } = options;
  const about = (answer: (engine: Engine) => Promise<Answer>): { GET: Handler } => ({
    GET: async () => {
      const engine = options.engine();
      if (!engine) return failure(503, 'TEMPORARILY_UNAVAILABLE', 'No model is loaded yet.');
      try {
        return await answer(engine);
      } catch (error) {
        if (error instanceof Unavailable) return failure(503, 'TEMPORARILY_UNAVAILABLE', error.message);
        throw error;
      }
    },
  });
  const described = async (engine: Engine) => {
    return { engine, examples: await examplesOf(engine, timeout), title, name, version };
  };
  return [
    { path: '/', methods: about(async (engine) => tryPage(await described(engine))) },
    { path: '/openapi.json', methods: about(async (engine) => json(200, openApi(await described(engine)))) },
    { path: '/example', methods: about(async (engine) => answerOf(await firstExample(engine, timeout))) },
  ];
}

const answerOf = ({ contentType, body }: Example): Answer => ({ status: 200, type: contentType, body });

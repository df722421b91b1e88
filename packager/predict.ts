/** `models predict`: one body to its predictions, by the engine that serves but without HTTP. */
import { readModel } from './mlmodel.js';
import { resolveModel } from './model-uri.js';
import type { Dialect } from './serving/codecs/dialect.js';
import { startSolo } from './solo.js';

export interface PredictOptions {
  /** A folder, or any URI `resolveModel` understands. */
  readonly modelUri: string;
  readonly contentType: keyof typeof DIALECTS;
  /** As the body of `POST /invocations`. */
  readonly body: Uint8Array<ArrayBuffer>;
}

const DIALECTS = {
  json: { codec: 'mlflow-json' },
  csv: { codec: 'csv', header: undefined },
} as const satisfies Record<string, Dialect>;

/**
 * The predictions as MLflow's `predict` writes them: `{"predictions": …}`.
 * Throws an Error of one line when there is no model, it does not load, or it refuses the body.
 */
export async function predict({ modelUri, contentType, body }: PredictOptions): Promise<string> {
  const source = await resolveModel(modelUri);
  try {
    const model = await readModel(source.path);
    const engine = await startSolo(model).catch((error: Error) => {
      throw new Error(`The model at ${modelUri} does not load: ${error.message}`);
    });
    try {
      const job = { dialect: DIALECTS[contentType], accept: 'application/json', body } as const;
      const reply = await engine.submit(job).reply;
      const text = new TextDecoder().decode(reply.body);
      if (reply.status !== 200) {
        const { message } = JSON.parse(text) as { message: string };
        // It may quote lines of the body.
        throw new Error(message.replace(/\s+/g, ' '));
      }
      return text;
    } finally {
      await engine.close();
    }
  } finally {
    source.remove();
  }
}

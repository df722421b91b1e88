/** Predictions of a SageMaker endpoint, for programs and for `sagemaker invoke`. */
import { type Aws, type AwsOptions, connectAws } from './aws/clients.js';

export type PredictorOptions = Pick<AwsOptions, 'region' | 'assumeRoleArn' | 'signal' | 'dryRun'>;

export interface InvokeOptions {
  /** Media type of the body. Default: `application/json`. */
  readonly contentType?: string | undefined;
  /** Media type of the answer. Default: what the container takes for the best. */
  readonly accept?: string | undefined;
  /** The variant that answers. Default: SageMaker takes one by the weights. */
  readonly variant?: string | undefined;
}

export interface Invocation {
  readonly body: Uint8Array;
  readonly contentType: string;
  /** The variant that answered. */
  readonly variant: string;
}

interface ContainerFailure extends Error {
  OriginalStatusCode?: number;
  OriginalMessage?: string;
}

/** An endpoint as a function. No request is made until it is asked. */
export class Predictor {
  readonly endpoint: string;
  readonly #options: PredictorOptions;
  #aws: Promise<Aws> | undefined;

  constructor(endpoint: string, options: PredictorOptions = {}) {
    this.endpoint = endpoint;
    this.#options = options;
  }

  /**
   * The answer to a body of `/invocations`, such as `{ inputs: [[1, 2]] }`, parsed. Throws an Error with the container's own
   * message when it refuses.
   */
  async predict(body: unknown): Promise<unknown> {
    const answer = await this.invoke(new TextEncoder().encode(JSON.stringify(body)), { accept: 'application/json' });
    return JSON.parse(new TextDecoder().decode(answer.body));
  }

  /** The answer to any body, in bytes. Throws an Error with the container's own message when it refuses. */
  async invoke(body: Uint8Array, options: InvokeOptions = {}): Promise<Invocation> {
    const { contentType = 'application/json', accept, variant } = options;
    this.#aws ??= connectAws(this.#options, 'runtime');
    const { runtime, signal } = await this.#aws;
    try {
      const answer = await runtime.invokeEndpoint(
        {
          EndpointName: this.endpoint,
          ContentType: contentType,
          Body: body,
          ...(accept !== undefined && { Accept: accept }),
          ...(variant !== undefined && { TargetVariant: variant }),
        },
        signal === undefined ? {} : { abortSignal: signal },
      );
      return {
        body: answer.Body ?? new Uint8Array(),
        contentType: answer.ContentType ?? '',
        variant: answer.InvokedProductionVariant ?? '',
      };
    } catch (error) {
      throw this.#refusal(error as ContainerFailure);
    }
  }

  #refusal(error: ContainerFailure): Error {
    if (error.name !== 'ModelError') return error;
    const said = error.OriginalMessage ?? error.message;
    return new Error(`The container of ${this.endpoint} answered ${error.OriginalStatusCode}: ${said.trim()}`, {
      cause: error,
    });
  }
}

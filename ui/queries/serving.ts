/** Trying a model: what it takes, and its predictions, from a process that the server starts for it. */
import { useQuery } from '@tanstack/react-query';
import { client } from './connection.js';

/** One column or tensor of a signature. */
export interface ServedField {
  name?: string;
  /** MLflow's: double, long, string, boolean …, or a dtype of NumPy for tensors. */
  type: string;
  /** Of tensors; -1 is any length. */
  shape?: number[];
  /** Absent: it must be there. */
  required?: boolean;
}

export interface ServedModel {
  inputs: ServedField[];
  outputs: ServedField[];
  input_example?: unknown;
  flavors: string[];
  can_try: boolean;
  why_not?: string;
}

const SERVING = '/api/2.0/mltrack/serving';

export function useServedModel(uri: string) {
  return useQuery({
    queryKey: ['serving', uri],
    queryFn: async (): Promise<ServedModel> => {
      const answer = await client.send('GET', `${SERVING}/describe?${new URLSearchParams({ model_uri: uri })}`);
      return (await answer.json()) as ServedModel;
    },
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
}

export interface Prediction {
  /** What the model server answered, parsed and as it came. */
  value: unknown;
  text: string;
  /** ms from the request to the whole answer, as the browser saw it. */
  took: number;
}

export const invocationsPath = (uri: string) => `${SERVING}/invocations?${new URLSearchParams({ model_uri: uri })}`;

/** `body` is MLflow's scoring JSON. Throws MltrackError with the model server's words. */
export async function predict(uri: string, body: string): Promise<Prediction> {
  const start = performance.now();
  const answer = await client.send('POST', invocationsPath(uri), body, { 'content-type': 'application/json' });
  const text = await answer.text();
  const took = performance.now() - start;
  try {
    return { value: JSON.parse(text) as unknown, text, took };
  } catch {
    return { value: undefined, text, took };
  }
}

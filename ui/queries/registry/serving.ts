/** Trying a model: what it takes, and its predictions, from a process that the server starts for it. */
import { useQuery } from '@tanstack/react-query';
import { INVOCATIONS_PATH } from '../../../api/beyond/serving.js';
import { API_PREFIXES } from '../../../api/index.js';
import { describeServing, tryModel } from '../../../client/index.js';
import { client } from '../connection.js';

export type { ServingDescription, ServingSpec } from '../../../api/beyond/serving.js';

export function useServedModel(uri: string) {
  return useQuery({
    queryKey: ['serving', uri],
    queryFn: () => describeServing(client, uri),
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

export const invocationsPath = (uri: string) =>
  `${API_PREFIXES[0]}${INVOCATIONS_PATH}?${new URLSearchParams({ model_uri: uri })}`;

/** `body` is MLflow's scoring JSON. Throws MltrackError with the model server's words. */
export async function predict(uri: string, body: string): Promise<Prediction> {
  const start = performance.now();
  const text = await tryModel(client, uri, body);
  const took = performance.now() - start;
  try {
    return { value: JSON.parse(text) as unknown, text, took };
  } catch {
    return { value: undefined, text, took };
  }
}

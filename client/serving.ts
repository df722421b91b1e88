/** Trying a model on the server that keeps it, without a model server of one's own. mltrack only. */
import { DESCRIBE_PATH, INVOCATIONS_PATH, type ServingDescription } from '../api/beyond/serving.js';
import { API_PREFIXES } from '../api/endpoint.js';
import type { Connection } from './connect.js';

/** What a model takes and gives. `modelUri`: `models:/NAME/VERSION`, `models:/m-ID` or `runs:/ID/PATH`. */
export async function describeServing(connection: Connection, modelUri: string): Promise<ServingDescription> {
  const answer = await connection.send('GET', pathOf(DESCRIBE_PATH, modelUri));
  return (await answer.json()) as ServingDescription;
}

/** The answer of the model to one of MLflow's request bodies: text, JSON as a rule. Throws MltrackError with the model's message. */
export async function tryModel(
  connection: Connection,
  modelUri: string,
  body: string,
  contentType = 'application/json',
): Promise<string> {
  const answer = await connection.send('POST', pathOf(INVOCATIONS_PATH, modelUri), body, {
    'content-type': contentType,
  });
  return answer.text();
}

const pathOf = (path: string, modelUri: string) =>
  `${API_PREFIXES[0]}${path}?model_uri=${encodeURIComponent(modelUri)}`;

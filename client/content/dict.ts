/** A value as the text of a file: YAML or JSON by the file's name. Source: `log_dict` in `mlflow/tracking/client.py`. */
import { yaml } from './yaml.js';

/** YAML where the path ends in `.yaml` or `.yml`, else JSON. What JSON cannot write is written as text. */
export function dictText(value: unknown, path: string): string {
  return /\.ya?ml$/i.test(path) ? yaml(value) : (JSON.stringify(value, asText, 2) ?? 'null');
}

function asText(_key: string, value: unknown): unknown {
  return ['bigint', 'symbol', 'function'].includes(typeof value) ? String(value) : value;
}

/** `logText` and `logDict`: text, and values as JSON or YAML. Source: `log_text` and `log_dict` in `mlflow/tracking/client.py`. */
import type { ContentTarget } from './target.js';
import { checkedFile } from './target.js';
import { yaml } from './yaml.js';

/** Stores text as the artifact `file`. */
export async function logText(run: ContentTarget, text: string, file: string): Promise<void> {
  await run.logBytes(text, checkedFile(file));
}

/** Stores a value as the artifact `file`: YAML where that ends in `.yaml` or `.yml`, else JSON. What JSON cannot write is written as text. */
export async function logDict(run: ContentTarget, value: unknown, file: string): Promise<void> {
  const text = /\.ya?ml$/.test(checkedFile(file)) ? yaml(value) : JSON.stringify(value, asText, 2);
  await run.logBytes(text, file);
}

function asText(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value);
  return value;
}

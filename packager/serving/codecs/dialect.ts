/** Which dialect a request is written in: to `/invocations`, what its Content-Type says; what no codec reads is refused with 415. */

export type Dialect =
  | { readonly codec: 'mlflow-json' }
  | { readonly codec: 'pandas-json'; readonly orient: 'split' | 'records' }
  /** `header` is undefined where the request does not say. */
  | { readonly codec: 'csv'; readonly header: boolean | undefined }
  | { readonly codec: 'npy' }
  /** `headerLength`: bytes of JSON before the binary tensors; undefined: there are none. `model`: its name. */
  | { readonly codec: 'open-inference'; readonly headerLength: number | undefined; readonly model: string };

/** The text of a 415. */
export interface Refusal {
  readonly refusal: string;
}

const TYPES = ['text/csv', 'application/json', 'application/x-npy'];

/** Reads a Content-Type (RFC 9110, 8.3.1). Its type and parameter names are case-insensitive. */
export function dialectOf(contentType: string | undefined): Dialect | Refusal {
  const [type = '', ...rest] = (contentType ?? '').split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const part of rest) {
    if (part === '') continue;
    const [name = '', value = ''] = part.split(/=(.*)/s);
    parameters.set(name.trim().toLowerCase(), unquoted(value.trim()).toLowerCase());
  }
  const charset = parameters.get('charset') ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8') {
    return { refusal: `The scoring server only supports UTF-8. Got '${contentType}'.` };
  }
  parameters.delete('charset');
  const dialect = byType(type.toLowerCase(), parameters);
  if (!dialect) {
    return {
      refusal: `This predictor only supports the following content types: Types: [${TYPES.map((each) => `'${each}'`).join(', ')}]. Got '${contentType ?? ''}'.`,
    };
  }
  const [unknown] = parameters.keys();
  if (unknown !== undefined) {
    return {
      refusal: `Unrecognized content type parameters: ${[...parameters].map(([name, value]) => `${name}=${value}`).join(', ')}. Accepted: application/json with format=pandas-split or pandas-records, text/csv with header=present or absent. Got '${contentType}'.`,
    };
  }
  return dialect;
}

/** Takes the parameters it understands out of the map. */
function byType(type: string, parameters: Map<string, string>): Dialect | undefined {
  const take = (name: string, values: readonly string[]): string | undefined => {
    const value = parameters.get(name);
    if (value === undefined || !values.includes(value)) return undefined;
    parameters.delete(name);
    return value;
  };
  if (type === 'application/json') {
    const format = take('format', ['pandas-split', 'pandas-records']);
    if (!format) return { codec: 'mlflow-json' };
    return { codec: 'pandas-json', orient: format === 'pandas-split' ? 'split' : 'records' };
  }
  if (type === 'application/x-npy') return { codec: 'npy' };
  if (type !== 'text/csv') return undefined;
  const header = take('header', ['present', 'absent']);
  return { codec: 'csv', header: header === undefined ? undefined : header === 'present' };
}

const unquoted = (value: string) => (/^".*"$/.test(value) ? value.slice(1, -1) : value);

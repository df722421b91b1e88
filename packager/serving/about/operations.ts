/** The parts that the operations of the OpenAPI document are put together from. */
import type { Example } from './examples.js';
import type { Schema } from './schemas.js';

export const TEXT: Schema = { type: 'string' };

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const content = (type: string, schema: Schema) => ({ content: { [type]: { schema } } });
export const json = (schema: Schema) => content('application/json', schema);
export const text = (description: string) => ({ description, ...content('text/plain', TEXT) });

export const RETRY_AFTER = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } };

/** A GET that is always answered. */
export const read = (operationId: string, summary: string, body: object) => ({
  operationId,
  summary,
  responses: { 200: { description: summary, ...body } },
});

/** Longer bodies are not repeated in the document, nor those with integers that would lose digits there. */
const LONGEST = 16 * 2 ** 10;
const LONG_INTEGER = /\d{16}/;

/** A media type's `examples`; nothing when there are none. `first` is the one that /example serves. */
export function examplesIn(
  examples: readonly Example[],
  first: Example,
): { examples?: Readonly<Record<string, object>> } {
  if (examples.length === 0) return {};
  return { examples: Object.fromEntries(examples.map((example) => [example.form, entry(example, example === first)])) };
}

function entry({ contentType, body }: Example, isFirst: boolean): object {
  if (body.length <= LONGEST && !LONG_INTEGER.test(body)) {
    return { value: contentType === 'text/csv' ? body : JSON.parse(body) };
  }
  return isFirst ? { externalValue: 'example' } : { description: 'Too long to be shown here.' };
}

/** Writes plain values as YAML: block mappings and lists, strings plain where they cannot be taken for anything else. It reads nothing. */

/** Words that YAML 1.1, which Python's reader follows, takes for something else than text. */
const WORDS = /^(y|n|yes|no|true|false|on|off|null|~)$/i;
const PLAIN = /^[A-Za-z_./][A-Za-z0-9_./@+-]*( [A-Za-z0-9_./@+-]+)*$/;

/** A document of the value, as PyYAML's `safe_load` reads it back. What JSON cannot write is written as its text. */
export function yaml(value: unknown): string {
  if (isList(value)) return value.length === 0 ? '[]\n' : block(value, '');
  if (isMapping(value)) return entriesOf(value).length === 0 ? '{}\n' : block(value, '');
  return `${scalar(value)}\n`;
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof Date);
const entriesOf = (mapping: Readonly<Record<string, unknown>>) =>
  Object.entries(mapping).filter(([, value]) => value !== undefined);

function block(value: readonly unknown[] | Readonly<Record<string, unknown>>, indent: string): string {
  if (isList(value)) return value.map((item) => `${indent}-${nested(item, indent, true)}`).join('');
  return entriesOf(value)
    .map(([key, item]) => `${indent}${scalar(key)}:${nested(item, indent, false)}`)
    .join('');
}

/** What follows a dash or a colon. */
function nested(value: unknown, indent: string, inList: boolean): string {
  const deeper = `${indent}  `;
  if (isList(value) && value.length > 0) return `\n${block(value, inList ? deeper : indent)}`;
  if (isMapping(value) && entriesOf(value).length > 0) {
    const text = block(value, deeper);
    return inList ? ` ${text.slice(deeper.length)}` : `\n${text}`;
  }
  return ` ${isList(value) ? '[]' : isMapping(value) ? '{}' : scalar(value)}\n`;
}

function scalar(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return numberText(value);
  const text = value instanceof Date ? value.toISOString() : String(value);
  return PLAIN.test(text) && !WORDS.test(text) && !looksNumeric(text) ? text : JSON.stringify(text);
}

/** `.inf`, `1e3` in plain style would be read as numbers, or `1e3` as text: YAML 1.1 asks for a point and a sign. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = String(value);
  const [digits = '', exponent] = text.split('e');
  if (exponent === undefined) return text;
  return `${digits.includes('.') ? digits : `${digits}.0`}e${exponent.startsWith('-') ? exponent : `+${exponent.replace('+', '')}`}`;
}

const looksNumeric = (text: string) => /^\.(\d|inf|nan)/i.test(text);

/** What the left side of a comparison may be, and what it may be compared with. */
import { quotedKey } from '../display/run-columns.js';
import { unquoted } from './lexer.js';

export interface FilterName {
  /** As the server takes it, its key in quotes where it needs them. */
  reference: string;
  /** What it is compared with. */
  type: 'number' | 'text';
  operators: readonly string[];
  kind: 'metrics' | 'params' | 'tags' | 'datasets' | 'attribute';
  key: string;
}

const ORDER = ['=', '!=', '>', '>=', '<', '<='];
const TEXT = ['=', '!=', 'LIKE', 'ILIKE'];
const LISTS = ['IN', 'NOT IN'];
const NULLS = ['IS NULL', 'IS NOT NULL'];

/** The attributes of runs and what they may be compared by. */
export const ATTRIBUTES: Record<string, { type: 'number' | 'text'; operators: readonly string[]; hint: string }> = {
  run_name: { type: 'text', operators: TEXT, hint: 'the name' },
  run_id: { type: 'text', operators: [...TEXT, ...LISTS], hint: '32 hexadecimal digits' },
  status: { type: 'text', operators: TEXT, hint: 'FINISHED, FAILED, RUNNING, …' },
  start_time: { type: 'number', operators: ORDER, hint: 'ms since the epoch' },
  end_time: { type: 'number', operators: ORDER, hint: 'ms since the epoch' },
  user_id: { type: 'text', operators: TEXT, hint: 'who started it' },
  artifact_uri: { type: 'text', operators: TEXT, hint: 'where the files lie' },
};

const ALIASES: Record<string, string> = { created: 'start_time', Created: 'start_time' };

const KINDS: Record<string, 'metrics' | 'params' | 'tags' | 'datasets'> = {
  metrics: 'metrics',
  metric: 'metrics',
  params: 'params',
  param: 'params',
  parameters: 'params',
  parameter: 'params',
  tags: 'tags',
  tag: 'tags',
  datasets: 'datasets',
  dataset: 'datasets',
};

const OPERATORS = {
  metrics: ORDER,
  params: [...TEXT, ...NULLS],
  tags: [...TEXT, ...NULLS],
  datasets: [...TEXT, ...LISTS],
};

/** A param or a tag inside of `number(…)`. */
export const asNumber = (name: FilterName): FilterName => ({ ...name, type: 'number', operators: ORDER });

/** Undefined for what names nothing of a run. */
export function filterName(text: string): FilterName | undefined {
  const [, prefix = '', rest = ''] = /^([A-Za-z]+)\.(.+)$/s.exec(text) ?? [];
  const kind = KINDS[prefix.toLowerCase()];
  if (kind) {
    const key = unquoted(rest);
    const type = kind === 'metrics' ? 'number' : 'text';
    return { reference: `${kind}.${quotedKey(key)}`, type, operators: OPERATORS[kind], kind, key };
  }
  const attribute = /^(attributes?|attr|run)$/.test(prefix) ? rest : text;
  const key = ALIASES[attribute] ?? attribute;
  const found = Object.hasOwn(ATTRIBUTES, key) ? ATTRIBUTES[key] : undefined;
  return found && { reference: key, type: found.type, operators: found.operators, kind: 'attribute', key };
}

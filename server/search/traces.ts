/**
 * What searchTraces knows. Source: `SearchTraceUtils` in `mlflow/utils/search_utils.py`. Metadata are the noun's parameters, and links
 * to runs and versions of prompts its datasets. Spans and assessments cannot be searched: they are no rows here.
 */
import { invalid, TRACE_STATE } from '../../api/index.js';
import {
  comparatorsOf,
  type Identifier,
  LIST_COMPARATORS,
  type Noun,
  NULL_COMPARATORS,
  type Rules,
  type SearchValue,
  spellings,
} from './columns.js';
import { pySet } from './python.js';
import { bareKey, grammarWords, isText, listOf, numberOf, quotedText, split, withoutBackticks } from './values.js';

const NAME_TAG = 'mlflow.traceName';
export const SOURCE_RUN = 'mlflow.sourceRun';

const ENTITIES: Readonly<Record<string, 'attribute' | 'tag' | 'parameter'>> = {
  attribute: 'attribute',
  attributes: 'attribute',
  trace: 'attribute',
  tag: 'tag',
  tags: 'tag',
  metadata: 'parameter',
  request_metadata: 'parameter',
};
const NOT_HERE = ['span', 'feedback', 'expectation', 'issue'];

const attributes: Noun['attributes'] = {
  request_id: { sql: 'traces.request_id', type: 'text', list: true, note: 'the id of the trace' },
  timestamp_ms: { sql: 'traces.timestamp_ms', type: 'number', aliases: ['timestamp'], note: 'ms since the epoch' },
  execution_time_ms: {
    sql: 'traces.execution_time_ms',
    type: 'number',
    nullable: true,
    aliases: ['execution_time'],
    note: 'ms; none while it runs',
  },
  end_time_ms: {
    sql: '(traces.timestamp_ms + coalesce(traces.execution_time_ms, 0))',
    type: 'number',
    aliases: ['end_time'],
    note: 'ms since the epoch',
  },
  status: { sql: 'traces.status', type: 'text', list: true, note: Object.keys(TRACE_STATE).join(', ') },
  client_request_id: {
    sql: 'traces.client_request_id',
    type: 'text',
    nullable: true,
    list: true,
    order: false,
    note: 'as the client gave it',
  },
  experiment_id: { sql: 'traces.experiment', type: 'number', filter: false, note: 'of the experiment' },
};

/** Attributes that lie elsewhere: in a tag, in metadata, in links. */
const ELSEWHERE: Readonly<Record<'filter' | 'order', Readonly<Record<string, Identifier>>>> = {
  filter: {
    name: { entity: 'tag', key: NAME_TAG },
    run_id: { entity: 'dataset', key: 'run_id' },
    prompt: { entity: 'dataset', key: 'prompt' },
  },
  order: {
    name: { entity: 'tag', key: NAME_TAG },
    run_id: { entity: 'parameter', key: SOURCE_RUN },
  },
};

const rules: Rules = {
  grammar: grammarWords((clause) => `Invalid clause(s) in filter string: '${clause}'`),

  identify(name, use) {
    const [prefix, rest] = split(name);
    const given = prefix === undefined ? 'attribute' : withoutBackticks(prefix);
    if (NOT_HERE.includes(given)) {
      throw invalid(`This server does not search traces by '${given}.': it keeps no ${given}s.`);
    }
    const entity = Object.hasOwn(ENTITIES, given) ? ENTITIES[given] : undefined;
    if (!entity) {
      throw invalid(`Invalid entity type '${given}'. Valid values are ${pySet(Object.keys(ENTITIES))}`);
    }
    const key = bareKey(rest);
    if (entity === 'parameter' && key === SOURCE_RUN && use === 'filter') return { entity: 'dataset', key: 'run_id' };
    if (entity !== 'attribute') return { entity, key };
    const elsewhere = Object.hasOwn(ELSEWHERE[use], key) ? ELSEWHERE[use][key] : undefined;
    if (elsewhere) return elsewhere;
    const known = spellings(attributes, use);
    const canonical = known.get(key);
    if (canonical !== undefined) return { entity, key: canonical };
    const valid = [...known.keys(), ...Object.keys(ELSEWHERE[use])];
    throw invalid(`Invalid attribute key '${key}' specified. Valid keys are '${pySet(valid)}'`);
  },

  value({ entity, key }, operand) {
    if (entity === 'attribute' && attributes[key]?.type === 'number') {
      if (operand.type === 'number') return numberOf(operand);
      throw invalid(`Expected numeric value type for numeric attribute: ${key}. Found ${operand.text}`);
    }
    if (isText(operand)) return quotedText(operand);
    if (operand.type === 'list') return listOf(operand);
    const noun = entity === 'parameter' ? 'request_metadata' : entity === 'tag' ? 'tag' : 'attributes';
    throw invalid(`Expected a quoted string value for ${noun} (e.g. 'my-value'). Got value ${operand.text}`);
  },

  checkComparator(identifier, comparator, value) {
    const { entity, key } = identifier;
    if (entity === 'dataset' && key === 'prompt') return checkPrompt(comparator, value);
    const known = comparatorsOf(traceColumns, identifier);
    const isList = LIST_COMPARATORS.some((each) => each === comparator);
    const isNull = NULL_COMPARATORS.some((each) => each === comparator);
    if (known.includes(comparator) && isList === Array.isArray(value) && isNull === (value === undefined)) return;
    throw invalid(`Invalid comparator '${comparator}' not one of '${pySet(known)}'`);
  },
};

function checkPrompt(comparator: string, value: SearchValue | undefined): void {
  if (comparator !== '=') {
    throw invalid(
      `Invalid comparator '${comparator}' for prompts filter. Only '=' is supported with format: prompt = "name/version"`,
    );
  }
  if (typeof value === 'string' && /^[^/]*\/[^/]*$/.test(value)) return;
  throw invalid(`Invalid prompts filter value '${value}'. Expected format: prompt = "name/version"`);
}

export const traceColumns: Noun = {
  name: 'traces',
  rows: 'traces',
  attributes,
  parameter: { table: 'trace_metadata', owner: { trace: 'traces.id' }, nullTest: true },
  tag: { table: 'trace_tags', owner: { trace: 'traces.id' }, nullTest: true },
  dataset: {
    exists: 'select 1 from trace_links where trace_links.request_id = traces.request_id',
    columns: {
      run_id: "case when trace_links.kind = 'run' then trace_links.target end",
      prompt: "case when trace_links.kind = 'prompt' then trace_links.target end",
    },
  },
  entities: {
    attribute: ['attributes', 'attribute', 'trace', 'no prefix'],
    parameter: ['metadata', 'request_metadata'],
    tag: ['tags', 'tag'],
    dataset: ['attributes', 'attribute', 'trace'],
  },
  tieBreak: [
    { key: 'timestamp_ms', sql: 'traces.timestamp_ms', descending: true },
    { key: 'request_id', sql: 'traces.request_id' },
  ],
  defaultOrder: [],
  rules,
};

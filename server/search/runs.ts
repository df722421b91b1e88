/** What searchRuns knows. Source: `SearchUtils` in `mlflow/utils/search_utils.py`. */
import { invalid, RUN_STATUS } from '../../api/index.js';
import {
  comparatorsOf,
  type Entity,
  LIST_COMPARATORS,
  type Noun,
  NULL_COMPARATORS,
  NUMERIC_COMPARATORS,
  type Rules,
  spellings,
  TEXT_COMPARATORS,
} from './columns.js';
import { pyList, pySet } from './python.js';
import { bareKey, grammarWords, isText, listOf, numberOf, quotedText, split, withoutBackticks } from './values.js';

const NAMES: Readonly<Record<string, Entity>> = {
  metric: 'metric',
  metrics: 'metric',
  parameter: 'parameter',
  parameters: 'parameter',
  param: 'parameter',
  params: 'parameter',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  dataset: 'dataset',
  datasets: 'dataset',
};
const ENTITIES = ['metric', 'parameter', 'tag', 'attribute', 'dataset'];

const statusText = `case runs.status ${Object.entries(RUN_STATUS)
  .map(([name, number]) => `when ${number} then '${name}'`)
  .join(' ')} end`;

const attributes: Noun['attributes'] = {
  run_id: { sql: 'runs.run_id', type: 'text', list: true, note: '32 hexadecimal digits' },
  run_name: {
    sql: 'runs.name',
    type: 'text',
    aliases: ['run name', 'Run name', 'Run Name'],
    note: 'the name; the tag mlflow.runName holds the same',
  },
  status: { sql: statusText, type: 'text', note: Object.keys(RUN_STATUS).join(', ') },
  start_time: { sql: 'runs.start_time', type: 'number', aliases: ['created', 'Created'], note: 'ms since the epoch' },
  end_time: { sql: 'runs.end_time', type: 'number', nullable: true, note: 'ms since the epoch' },
  user_id: { sql: 'runs.user_id', type: 'text', note: 'as the client gave it' },
  artifact_uri: { sql: 'runs.artifact_uri', type: 'text', note: 'where the artifacts lie' },
};

/** As MLflow lists them in messages. */
const FILTER_KEYS = [...spellings(attributes, 'filter').keys()];
const ORDER_KEYS = FILTER_KEYS.filter((key) => !/[A-Z ]/.test(key) || key === 'Created');
const DATASET_KEYS = ['name', 'digest', 'context'];
const TEXT_AND_LIST = [...TEXT_COMPARATORS, ...LIST_COMPARATORS];
const TEXT_AND_NULL = [...TEXT_COMPARATORS, ...NULL_COMPARATORS];

const rules: Rules = {
  grammar: grammarWords((clause) => `Invalid clause(s) in filter string: '${clause}'`),

  identify(name, use) {
    const [prefix, rest] = split(name);
    const entityName = prefix === undefined ? 'attribute' : withoutBackticks(prefix);
    const entity = Object.hasOwn(NAMES, entityName) ? NAMES[entityName] : undefined;
    if (!entity) throw invalid(`Invalid entity type '${entityName}'. Valid values are ${pyList(ENTITIES)}`);
    const key = bareKey(rest);
    const valid = use === 'filter' ? FILTER_KEYS : ORDER_KEYS;
    if (entity === 'attribute') {
      if (!valid.includes(key)) {
        throw invalid(`Invalid attribute key '${key}' specified. Valid keys are '${pySet(valid)}'`);
      }
      return { entity, key: spellings(attributes, use).get(key) as string };
    }
    if (entity === 'dataset' && !DATASET_KEYS.includes(key)) {
      throw invalid(`Invalid dataset key '${key}' specified. Valid keys are '${pySet(DATASET_KEYS)}'`);
    }
    if (entity === 'dataset' && use === 'order') throw invalid(`Invalid identifier type 'dataset'`);
    return { entity, key };
  },

  value({ entity, key }, operand) {
    if (entity === 'metric') {
      if (operand.type === 'number') return numberOf(operand);
      throw invalid(`Expected numeric value type for metric. Found ${operand.text}`);
    }
    if (entity === 'parameter' || entity === 'tag') {
      if (isText(operand)) return quotedText(operand);
      throw invalid(`Expected a quoted string value for ${entity} (e.g. 'my-value'). Got value ${operand.text}`);
    }
    if (entity === 'attribute' && attributes[key]?.type === 'number') {
      if (operand.type === 'number') return numberOf(operand);
      throw invalid(`Expected numeric value type for numeric attribute: ${key}. Found ${operand.text}`);
    }
    if (isText(operand)) return quotedText(operand);
    if (operand.type === 'list') {
      if (entity === 'attribute' && !attributes[key]?.list) {
        throw invalid("Only ['run_id'] attributes support comparison with a list of quoted string values.");
      }
      return listOf(operand);
    }
    throw invalid(
      `Expected a quoted string value for ${entity === 'attribute' ? 'attributes' : 'dataset attributes'}. Got value ${operand.text}`,
    );
  },

  checkComparator(identifier, comparator, value) {
    const { entity, key } = identifier;
    if (value === undefined && entity !== 'tag' && entity !== 'parameter') {
      throw invalid(`IS NULL / IS NOT NULL is only supported for tags and params, not for '${entity}' '${key}'`);
    }
    const isNumber = entity === 'metric' || (entity === 'attribute' && attributes[key]?.type === 'number');
    const isList = LIST_COMPARATORS.some((each) => each === comparator);
    const known = isNumber ? NUMERIC_COMPARATORS : comparatorsOf(runColumns, identifier);
    if (known.some((each) => each === comparator) && isList === Array.isArray(value)) return;
    // MLflow leaves the last quote out of some of these.
    const [named, end]: [readonly string[], string] =
      entity === 'metric'
        ? [NUMERIC_COMPARATORS, '']
        : entity === 'parameter'
          ? [TEXT_AND_NULL, "'"]
          : entity === 'tag'
            ? [TEXT_AND_NULL, '']
            : [TEXT_AND_LIST, isNumber || entity === 'dataset' ? '' : "'"];
    throw invalid(`Invalid comparator '${comparator}' not one of '${pySet(named)}${end}`);
  },
};

export const runColumns: Noun = {
  name: 'runs',
  rows: 'runs',
  attributes,
  parameter: { table: 'params', owner: { run: 'runs.id' }, nullTest: true, numbers: true },
  tag: { table: 'tags', owner: { run: 'runs.id' }, nullTest: true, numbers: true },
  metric: { owner: { run: 'runs.id' } },
  aggregates: true,
  dataset: {
    exists: `select 1 from inputs join datasets on datasets.id = inputs.dataset
             left join input_tags on input_tags.input = inputs.id and input_tags.key = 'mlflow.data.context'
             where inputs.run = runs.id`,
    columns: { name: 'datasets.name', digest: 'datasets.digest', context: 'input_tags.value' },
  },
  entities: {
    attribute: ['attributes', 'attribute', 'attr', 'run', 'no prefix'],
    metric: ['metrics', 'metric'],
    parameter: ['params', 'param', 'parameters', 'parameter'],
    tag: ['tags', 'tag'],
    dataset: ['datasets', 'dataset'],
  },
  tieBreak: [
    { key: 'start_time', sql: 'runs.start_time', descending: true },
    { key: 'run_id', sql: 'runs.run_id' },
  ],
  defaultOrder: [],
  rules,
};

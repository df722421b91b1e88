/** What searchLoggedModels knows. Sources: `mlflow/utils/search_logged_model_utils.py` and `search_logged_models` of its SQL store. */
import { invalid } from '../../api/index.js';
import {
  type Entity,
  type Identifier,
  LIST_COMPARATORS,
  type Noun,
  NUMERIC_COMPARATORS,
  type Rules,
  spellings,
  TEXT_COMPARATORS,
} from './columns.js';
import { pyList, pyRepr, pySet, pyTuple } from './python.js';
import { bareKey, isText, listOf, numberOf, quotedText } from './values.js';

const ENTITIES: Readonly<Record<string, Entity>> = {
  attributes: 'attribute',
  metrics: 'metric',
  params: 'parameter',
  tags: 'tag',
};
const PREFIXES = Object.keys(ENTITIES);
const MLFLOW_STATUS = ['UNSPECIFIED', 'PENDING', 'READY', 'FAILED'];

const attributes: Noun['attributes'] = {
  name: { sql: 'logged_models.name', type: 'text', list: true, note: 'not unique' },
  model_id: { sql: 'logged_models.model_id', type: 'text', list: true, note: 'm- and 32 hexadecimal digits' },
  model_type: {
    sql: 'logged_models.model_type',
    type: 'text',
    nullable: true,
    list: true,
    note: 'as the client gave it',
  },
  status: {
    sql: `case logged_models.status ${MLFLOW_STATUS.map((name, number) => `when ${number} then '${name}'`).join(' ')} end`,
    type: 'text',
    list: true,
    note: 'PENDING, READY, FAILED',
  },
  source_run_id: {
    sql: 'logged_models.source_run_id',
    type: 'text',
    nullable: true,
    list: true,
    note: 'of the run that made it',
  },
  artifact_location: { sql: 'logged_models.artifact_uri', type: 'text', list: true, note: 'where the files lie' },
  creation_timestamp_ms: {
    sql: 'logged_models.creation_time',
    type: 'number',
    aliases: ['creation_timestamp', 'creation_time'],
    note: 'ms since the epoch',
  },
  last_updated_timestamp_ms: {
    sql: 'logged_models.last_update_time',
    type: 'number',
    aliases: ['last_updated_timestamp'],
    note: 'ms since the epoch',
  },
};
const KEYS = spellings(attributes, 'filter');

const isNumeric = ({ entity, key }: Identifier) =>
  entity === 'metric' || (entity === 'attribute' && attributes[key]?.type === 'number');

const SHOWN: Record<Entity, string> = {
  attribute: 'attributes',
  metric: 'metrics',
  parameter: 'params',
  tag: 'tags',
  dataset: 'datasets',
};

/** MLflow's order, which its message has. */
const NUMERIC_SHOWN = ['<', '<=', '>', '>=', '=', '!='];
const TEXT_SHOWN = ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'];

const wholeFilter = (filter: string) =>
  invalid(
    `Invalid filter string: ${pyRepr(filter)}. Expected a list of comparisons separated by 'AND' (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').`,
  );

const rules: Rules = {
  grammar: {
    clauses: (_clause, filter) => wholeFilter(filter),
    multiple: (filter) => invalid(`Invalid filter string: ${pyRepr(filter)}. Expected a single SQL expression.`),
    notIdentifier: (text) => invalid(`Invalid comparison clause. Expected 'Identifier' found '${text}'`),
    tooLarge: (what) => invalid(`The filter is too large: it may have at most ${what}.`),
  },

  identify(name, use) {
    const match = /^([a-z]+)\.(.+)$/s.exec(name);
    const prefix = match?.[1];
    const entity = prefix === undefined ? 'attribute' : Object.hasOwn(ENTITIES, prefix) ? ENTITIES[prefix] : undefined;
    if (!entity) throw invalid(`Invalid entity type: ${pyRepr(prefix ?? '')}. Expected one of ${pyList(PREFIXES)}.`);
    if (use === 'order' && entity !== 'metric' && prefix !== undefined) {
      throw invalid(`Invalid order by field name: ${name}. Only metrics are supported.`);
    }
    const written = bareKey(match?.[2] ?? name);
    if (entity !== 'attribute') return { entity, key: written };
    const key = KEYS.get(written);
    if (key !== undefined) return { entity, key };
    if (use === 'order') throw invalid(`Invalid order by field name: ${name}`);
    throw invalid(`Invalid attribute key '${written}' specified. Valid keys are '${pySet([...KEYS.keys()])}'`);
  },

  value(identifier, operand) {
    if (operand.type === 'list') return listOf(operand);
    if (isNumeric(identifier)) return operand.type === 'number' ? numberOf(operand) : operand.text;
    // MLflow takes values without quotes here.
    return isText(operand) && /^['"]/.test(operand.text) ? quotedText(operand) : operand.text;
  },

  checkComparator(identifier, comparator, value) {
    const numeric = isNumeric(identifier);
    const known: readonly string[] = numeric ? NUMERIC_COMPARATORS : [...TEXT_COMPARATORS, ...LIST_COMPARATORS];
    if (!known.includes(comparator)) {
      const shown = numeric ? NUMERIC_SHOWN : TEXT_SHOWN;
      const of = `${SHOWN[identifier.entity]}.${identifier.key}`;
      throw invalid(`Invalid comparison operator for ${of}: ${pyRepr(comparator)}. Expected one of ${pyTuple(shown)}.`);
    }
    if (Array.isArray(value) !== LIST_COMPARATORS.some((each) => each === comparator)) {
      throw invalid(`Invalid value for ${comparator}: ${Array.isArray(value) ? 'a list' : String(value)}`);
    }
  },

  convert(identifier, value) {
    if (isNumeric(identifier) && typeof value !== 'number') {
      throw invalid(`Expected numeric value type for ${SHOWN[identifier.entity]}.${identifier.key}. Found ${value}`);
    }
    if (identifier.entity !== 'attribute' || identifier.key !== 'status') return value;
    return Array.isArray(value) ? value.map((each) => statusName(String(each))) : statusName(String(value));
  },
};

/** The wire's LOGGED_MODEL_READY is READY in MLflow's Python API: either may be written. */
const statusName = (status: string) => status.replace(/^LOGGED_MODEL_(STATUS_|UPLOAD_)?/, '');

export const loggedModelColumns: Noun = {
  name: 'logged models',
  rows: 'logged_models',
  attributes,
  parameter: { table: 'logged_model_params', owner: { model_id: 'logged_models.model_id' }, list: true },
  tag: { table: 'logged_model_tags', owner: { model_id: 'logged_models.model_id' }, list: true },
  metric: { owner: { model_id: 'logged_models.model_id' } },
  entities: {
    attribute: ['attributes', 'no prefix'],
    metric: ['metrics'],
    parameter: ['params'],
    tag: ['tags'],
  },
  tieBreak: [
    { key: 'creation_timestamp_ms', sql: 'logged_models.creation_time', descending: true },
    { key: 'model_id', sql: 'logged_models.model_id' },
  ],
  defaultOrder: [],
  rules,
};

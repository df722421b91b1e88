/** What searchExperiments knows. Source: `SearchExperimentsUtils` and `_get_search_experiments_filter_clauses`. */
import { invalid } from '../../api/index.js';
import {
  comparatorsOf,
  LIST_COMPARATORS,
  type Noun,
  NUMERIC_COMPARATORS,
  type Rules,
  TEXT_COMPARATORS,
} from './columns.js';
import { pyRepr, pySet, pyTuple } from './python.js';
import { bareKey, grammarWords, isInteger, isText, listOf, numberOf, quotedText, split } from './values.js';

/** The entities of experiments and of the registry's nouns. */
export const TAGGED_ENTITIES = ['attribute', 'tag', 'tags'];

const attributes: Noun['attributes'] = {
  name: { sql: 'experiments.name', type: 'text', note: 'unique' },
  experiment_id: {
    sql: 'experiments.id',
    type: 'number',
    comparators: ['=', '!=', ...LIST_COMPARATORS],
    note: 'in quotes',
  },
  creation_time: { sql: 'experiments.creation_time', type: 'number', note: 'ms since the epoch' },
  last_update_time: { sql: 'experiments.last_update_time', type: 'number', note: 'ms since the epoch' },
};
const KEYS = Object.keys(attributes);
const TEXT_AND_LIST = [...TEXT_COMPARATORS, ...LIST_COMPARATORS];

function experimentNumber(id: string): number {
  const number = Number(id.trim());
  if (!/^\s*[-+]?\d+\s*$/.test(id) || !Number.isSafeInteger(number)) {
    throw invalid(`Invalid experiment ID ${pyRepr(id)}. Experiment ID must be a valid integer.`);
  }
  return number;
}

const rules: Rules = {
  grammar: grammarWords((clause) => `Invalid clause(s) in filter string: ${clause}`),

  identify(name, use) {
    const [prefix, rest] = split(name);
    if (prefix !== undefined && !TAGGED_ENTITIES.includes(prefix)) {
      throw invalid(`Invalid entity type '${prefix}'. Valid entity types are ${pyTuple(TAGGED_ENTITIES)}`);
    }
    const key = bareKey(rest);
    if (prefix !== undefined && prefix !== 'attribute') {
      if (use === 'order') throw invalid('Invalid order_by entity: tag');
      return { entity: 'tag', key };
    }
    if (!KEYS.includes(key)) throw invalid(`Invalid attribute key '${key}' specified. Valid keys are '${pySet(KEYS)}'`);
    return { entity: 'attribute', key };
  },

  value({ entity, key }, operand) {
    if (entity === 'tag') {
      if (isText(operand)) return quotedText(operand);
      throw invalid(`Expected a quoted string value for tag (e.g. 'my-value'). Got value ${operand.text}`);
    }
    if (key === 'creation_time' || key === 'last_update_time') {
      if (operand.type !== 'number') {
        throw invalid(`Expected numeric value type for numeric attribute: ${key}. Found ${operand.text}`);
      }
      if (isInteger(operand)) return numberOf(operand);
      throw invalid(`Invalid value for numeric attribute '${key}': ${pyRepr(operand.text)}`);
    }
    if (isText(operand)) return quotedText(operand);
    if (operand.type !== 'list') {
      throw invalid(`Expected a quoted string value for attributes. Got value ${operand.text}`);
    }
    if (key === 'experiment_id') return listOf(operand);
    throw invalid("Only ['experiment_id'] attributes support comparison with a list of quoted string values.");
  },

  checkComparator(identifier, comparator, value) {
    const { entity, key } = identifier;
    if (entity === 'attribute' && value === undefined) {
      throw invalid(`IS NULL / IS NOT NULL is only supported for tags, not for attribute '${key}'`);
    }
    const isList = LIST_COMPARATORS.some((each) => each === comparator);
    if (key === 'experiment_id' && entity === 'attribute') {
      if (!comparatorsOf(experimentColumns, identifier).includes(comparator) || isList !== Array.isArray(value)) {
        throw invalid(`Invalid comparator for experiment_id: ${comparator}`);
      }
      return;
    }
    const known = comparatorsOf(experimentColumns, identifier);
    if (known.includes(comparator) && isList === Array.isArray(value)) return;
    if (entity === 'tag') throw invalid(`Invalid comparator for tag: ${comparator}`);
    if (known === NUMERIC_COMPARATORS) {
      throw invalid(`Invalid comparator '${comparator}' not one of '${pySet(TEXT_AND_LIST)}`);
    }
    if (isList) throw invalid(`Invalid comparator for string attribute: ${comparator}`);
    throw invalid(`Invalid comparator '${comparator}' not one of '${pySet(TEXT_AND_LIST)}'`);
  },

  convert({ entity, key }, value) {
    if (entity !== 'attribute' || key !== 'experiment_id') return value;
    return Array.isArray(value) ? value.map(experimentNumber) : experimentNumber(String(value));
  },
};

export const experimentColumns: Noun = {
  name: 'experiments',
  rows: 'experiments',
  attributes,
  tag: { table: 'experiment_tags', owner: { experiment: 'experiments.id' }, nullTest: true },
  entities: { attribute: ['attribute', 'no prefix'], tag: ['tags', 'tag'] },
  tieBreak: [{ key: 'experiment_id', sql: 'experiments.id', descending: true }],
  defaultOrder: ['creation_time DESC', 'experiment_id ASC'],
  rules,
};

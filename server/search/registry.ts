/**
 * What searchRegisteredModels and searchModelVersions know. Sources: `SearchModelUtils`, `SearchModelVersionUtils` and
 * `mlflow/store/model_registry/sqlalchemy_store.py`. A store function writes
 * sql`select … from model_versions where ${compileFilter(modelVersionColumns, filter)} …`: each condition is an expression over
 * the rows' table, and prompts are left out as MLflow does.
 */
import { invalid } from '../../api/index.js';
import { comparatorsOf, LIST_COMPARATORS, type Noun, type Rules, spellings } from './columns.js';
import { TAGGED_ENTITIES } from './experiments.js';
import type { Operand } from './parser.js';
import { pyList, pyRepr, pySet, pyTuple } from './python.js';
import { bareKey, grammarWords, isInteger, isText, listOf, numberOf, quotedText, split } from './values.js';

const PROMPT_TAG = 'mlflow.prompt.is_prompt';

const modelAttributes: Noun['attributes'] = {
  name: { sql: 'registered_models.name', type: 'text', list: true, note: 'unique' },
  last_updated_timestamp: {
    sql: 'registered_models.last_updated_time',
    type: 'number',
    filter: false,
    aliases: ['timestamp'],
    note: 'ms since the epoch',
  },
};

const versionAttributes: Noun['attributes'] = {
  name: { sql: 'model_versions.name', type: 'text', list: true, note: 'of the registered model' },
  version_number: { sql: 'model_versions.version', type: 'number', note: '1, 2, …' },
  run_id: {
    sql: 'model_versions.run_id',
    type: 'text',
    nullable: true,
    list: true,
    order: false,
    note: 'of the run that made it',
  },
  source_path: {
    sql: 'model_versions.source',
    type: 'text',
    nullable: true,
    order: false,
    note: 'URI of the model’s artifacts',
  },
  creation_timestamp: {
    sql: 'model_versions.creation_time',
    type: 'number',
    filter: false,
    note: 'ms since the epoch',
  },
  last_updated_timestamp: {
    sql: 'model_versions.last_updated_time',
    type: 'number',
    filter: false,
    note: 'ms since the epoch',
  },
};

/** The one message of a bad key that is no set: `RECOMMENDED_ORDER_BY_KEYS_REGISTERED_MODELS`. */
const RECOMMENDED_ORDER = ['name', 'timestamp'];

interface Words {
  attributes: Noun['attributes'];
  /** The noun itself, which its own rules look into. */
  noun(): Noun;
  badOrderKey?(name: string): Error;
  listKeys: readonly string[];
}

function rulesOf({ attributes, noun, badOrderKey, listKeys }: Words): Rules {
  const keys = { filter: spellings(attributes, 'filter'), order: spellings(attributes, 'order') };
  const typeOf = (key: string) => attributes[key]?.type;
  const numeric = Object.keys(attributes).filter((key) => typeOf(key) === 'number');
  return {
    grammar: grammarWords((clause) => `Invalid clause(s) in filter string: ${clause}`),

    identify(name, use) {
      if (use === 'order' && badOrderKey) {
        const key = keys.order.get(name);
        if (key === undefined) throw badOrderKey(name);
        return { entity: 'attribute', key };
      }
      const [prefix, rest] = split(name);
      if (prefix !== undefined && !TAGGED_ENTITIES.includes(prefix)) {
        throw invalid(`Invalid entity type '${prefix}'. Valid entity types are ${pyTuple(TAGGED_ENTITIES)}`);
      }
      if (prefix !== undefined && prefix !== 'attribute') {
        if (use === 'order') {
          const valid = pySet([...keys.order.keys()]);
          throw invalid(`Invalid order by key '${bareKey(rest)}' specified. Valid keys are ${valid}`);
        }
        return { entity: 'tag', key: bareKey(rest) };
      }
      const key = keys[use].get(bareKey(rest));
      if (key === undefined) {
        throw invalid(`Invalid attribute key '${rest}' specified. Valid keys are '${pySet([...keys[use].keys()])}'`);
      }
      return { entity: 'attribute', key };
    },

    value({ entity, key }, operand) {
      if (isText(operand)) return quotedText(operand);
      if (entity === 'tag') {
        throw invalid(`Expected a quoted string value for tag (e.g. 'my-value'). Got value ${operand.text}`);
      }
      if (operand.type === 'list') {
        if (listKeys.includes(key)) return listOf(operand);
        throw invalid(`Only ${pyList(listKeys)} attributes support comparison with a list of quoted string values.`);
      }
      if (numeric.length > 0 && operand.type === 'number' && keys.filter.has('version_number')) {
        return numberValue(key, operand);
      }
      throw invalid(
        `Expected a quoted string value or a list of quoted string values for attributes. Got value ${operand.text}`,
      );
    },

    checkComparator(identifier, comparator, value) {
      const { entity, key } = identifier;
      const isList = LIST_COMPARATORS.some((each) => each === comparator);
      if (comparatorsOf(noun(), identifier).includes(comparator) && isList === Array.isArray(value)) return;
      if (entity === 'tag') throw invalid(`Invalid comparator for tag: ${comparator}`);
      if (typeOf(key) === 'number') throw invalid(`Invalid comparator for attribute ${key}: ${comparator}`);
      throw invalid(`Invalid comparator for attribute: ${comparator}`);
    },

    convert({ entity, key }, value) {
      if (entity !== 'attribute' || typeOf(key) !== 'number' || typeof value === 'number') return value;
      const text = String(value);
      if (!/^\s*[-+]?\d+\s*$/.test(text)) throw badNumber(key, text);
      return Number(text);
    },
  };

  function numberValue(key: string, operand: Operand): number {
    if (typeOf(key) !== 'number') {
      throw invalid(`Only the '${pySet(numeric)}' attributes support comparison with numeric values.`);
    }
    if (!isInteger(operand)) throw badNumber(key, operand.text, operand.text);
    return numberOf(operand);
  }
}

const badNumber = (key: string, text: string, shown = pyRepr(text)) =>
  invalid(`Invalid value for numeric attribute '${key}': ${shown}`);

const entities = { attribute: ['attribute', 'no prefix'], tag: ['tags', 'tag'] } as const;

export const registeredModelColumns: Noun = {
  name: 'registered models',
  rows: 'registered_models',
  attributes: modelAttributes,
  tag: { table: 'registered_model_tags', owner: { name: 'registered_models.name' } },
  prompts: {
    tag: PROMPT_TAG,
    sql: `exists (select 1 from registered_model_tags p where p.name = registered_models.name and p.key = '${PROMPT_TAG}' and p.value = 'true')`,
  },
  entities,
  tieBreak: [{ key: 'name', sql: 'registered_models.name' }],
  defaultOrder: [],
  rules: rulesOf({
    attributes: modelAttributes,
    noun: () => registeredModelColumns,
    listKeys: ['name'],
    badOrderKey: (name) =>
      invalid(`Invalid order by key '${name}' specified. Valid keys are '${pySet(RECOMMENDED_ORDER)}'`),
  }),
};

export const modelVersionColumns: Noun = {
  name: 'model versions',
  rows: 'model_versions',
  attributes: versionAttributes,
  tag: {
    table: 'model_version_tags',
    owner: { name: 'model_versions.name', version: 'model_versions.version' },
  },
  prompts: {
    tag: PROMPT_TAG,
    sql: `exists (select 1 from model_version_tags p where p.name = model_versions.name and p.key = '${PROMPT_TAG}' and p.value = 'true')`,
  },
  entities,
  tieBreak: [
    { key: 'name', sql: 'model_versions.name' },
    { key: 'version_number', sql: 'model_versions.version', descending: true },
  ],
  defaultOrder: ['last_updated_timestamp DESC', 'name ASC', 'version_number DESC'],
  rules: rulesOf({ attributes: versionAttributes, noun: () => modelVersionColumns, listKeys: ['name', 'run_id'] }),
};

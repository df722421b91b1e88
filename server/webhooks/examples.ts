/** What each event of a webhook is, and an example of its data for a test. Source: `mlflow/entities/webhook.py`, `mlflow/webhooks/types.py`. */
import type { WebhookAction, WebhookEntity, WebhookEvent } from '../../api/index.js';

const MODEL = { name: 'example_model' };
const VERSION = { ...MODEL, version: '1' };
const PROMPT = { name: 'example_prompt' };
const PROMPT_VERSION = { ...PROMPT, version: '1' };
const KEY = { key: 'example_key' };
const TAG = { ...KEY, value: 'example_value' };
const TAGS = { tags: { example_key: 'example_value' } };

type Examples = Partial<Record<WebhookAction, Record<string, unknown>>>;

/** Example data by entity and action: what is not here is no event. */
const EXAMPLES: Record<WebhookEntity, Examples> = {
  REGISTERED_MODEL: { CREATED: { ...MODEL, ...TAGS, description: 'An example registered model' } },
  MODEL_VERSION: {
    CREATED: {
      ...VERSION,
      source: 'models:/123',
      run_id: 'abcd1234abcd5678',
      ...TAGS,
      description: 'An example model version',
    },
  },
  MODEL_VERSION_TAG: { SET: { ...VERSION, ...TAG }, DELETED: { ...VERSION, ...KEY } },
  MODEL_VERSION_ALIAS: {
    CREATED: { ...MODEL, alias: 'example_alias', version: '1' },
    DELETED: { ...MODEL, alias: 'example_alias' },
  },
  PROMPT: { CREATED: { ...PROMPT, ...TAGS, description: 'An example prompt' } },
  PROMPT_VERSION: {
    CREATED: { ...PROMPT_VERSION, template: 'Hello {{name}}!', ...TAGS, description: 'An example prompt version' },
  },
  PROMPT_TAG: { SET: { ...PROMPT, ...TAG }, DELETED: { ...PROMPT, ...KEY } },
  PROMPT_VERSION_TAG: { SET: { ...PROMPT_VERSION, ...TAG }, DELETED: { ...PROMPT_VERSION, ...KEY } },
  PROMPT_ALIAS: {
    CREATED: { ...PROMPT, alias: 'example_alias', version: '1' },
    DELETED: { ...PROMPT, alias: 'example_alias' },
  },
  BUDGET_POLICY: {
    EXCEEDED: {
      budget_policy_id: 'bp-abc123',
      budget_unit: 'USD',
      budget_amount: 100,
      current_spend: 105.5,
      duration_unit: 'DAYS',
      duration_value: 30,
      target_scope: 'WORKSPACE',
      workspace: 'default',
      target_value: null,
      window_start: 1704067200000,
    },
  },
};

/** Undefined when the entity knows no such action. */
export const exampleOf = ({ entity, action }: WebhookEvent) => EXAMPLES[entity][action];

/** The actions that an entity knows, as MLflow's messages list them. */
export const actionsOf = (entity: WebhookEntity) =>
  Object.keys(EXAMPLES[entity])
    .map((name) => name.toLowerCase())
    .sort();

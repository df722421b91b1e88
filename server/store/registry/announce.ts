/** Changes in the registry, told under a model's name for them or under a prompt's. */
import type { WebhookAction, WebhookEntity } from '../../../api/index.js';
import type { StoreContext } from '../context.js';
import { announce, hasSubscribers } from '../webhooks/announce.js';
import { isPrompt } from './rows.js';

interface Entities {
  /** Nothing is told of models where it is absent. */
  readonly model?: WebhookEntity;
  readonly prompt: WebhookEntity;
}

export const TAG: Entities = { prompt: 'PROMPT_TAG' };
export const VERSION_TAG: Entities = { model: 'MODEL_VERSION_TAG', prompt: 'PROMPT_VERSION_TAG' };
export const ALIAS: Entities = { model: 'MODEL_VERSION_ALIAS', prompt: 'PROMPT_ALIAS' };

/** `data` names the registered model, and is what webhooks are told. */
export async function announceChange(
  ctx: StoreContext,
  entities: Entities,
  action: WebhookAction,
  data: { readonly name: string } & Record<string, unknown>,
): Promise<void> {
  if (!(await hasSubscribers(ctx))) return;
  const entity = (await isPrompt(ctx, data.name)) ? entities.prompt : entities.model;
  if (entity) await announce(ctx, { entity, action }, data);
}

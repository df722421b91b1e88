/** What names, versions, stages, aliases and tags of the registry may be, in MLflow's words. Source: `mlflow/utils/validation.py`. */
import { invalid, LIMITS } from '../../../api/index.js';
import { checkCharacters, checkPathlike } from '../validation.js';

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export type Stage = (typeof STAGES)[number];
/** Of a version that is no more: its number stays taken. */
export const DELETED = 'Deleted_Internal';

export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

export function checkModelName(name: string, field = 'name'): void {
  if (name.trim() === '') throw invalid(`Missing value for required parameter '${field}'.`);
  if (/[/:]/.test(name)) throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  checkPathlike(name, 'name');
  checkWidth(field, name, LIMITS.modelNameLength);
}

/** Python's int(): a sign and surrounding spaces are taken. */
export function versionOf(text: string): number {
  const version = /^\s*[+-]?\d{1,15}\s*$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(version)) throw invalid(`Parameter 'version' must be an integer, got '${text}'.`);
  return version;
}

export function stageOf(text: string): Stage {
  const stage = STAGES.find((each) => each.toLowerCase() === text.toLowerCase());
  if (!stage) throw invalid(`Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(', ')}.`);
  return stage;
}

export function checkAlias(alias: string): void {
  if (!/^[\p{L}\p{N}_-]*$/u.test(alias)) {
    throw invalid(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  checkWidth('Registered model alias name', alias, LIMITS.aliasLength);
}

/** Aliases that mean something already. */
export function checkNotReserved(alias: string): void {
  if (isLatest(alias)) throw invalid("'latest' alias name (case insensitive) is reserved.");
  if (/^v\d+$/i.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`);
}

export const isLatest = (alias: string) => alias.toLowerCase() === 'latest';

export function checkRegistryTag(key: string, value: string): void {
  checkTagKey(key);
  checkWidth('key', key, LIMITS.keyLength);
  checkWidth('value', value, LIMITS.registryTagValueLength);
}

/** Of a version: the text of a prompt is one of its tags. */
export function checkVersionTag(key: string, value: string): void {
  if (key === 'mlflow.prompt.text' && value.length > LIMITS.registryTagValueLength) {
    throw invalid(`Prompt text exceeds max length of ${LIMITS.registryTagValueLength} characters.`);
  }
  checkRegistryTag(key, value);
}

/** That it can be a key; one that is too long may still be asked to be removed. */
export function checkTagKey(key: string): void {
  checkCharacters(key, 'key');
}

/** Ids of runs and logged models are looked up in an index, which has no room for more. */
export function checkOwnerId(field: 'run_id' | 'model_id', id: string | undefined): void {
  checkWidth(field, id ?? '', LIMITS.ownerIdLength);
}

function checkWidth(field: string, value: string, limit: number): void {
  if (value.length > limit) throw invalid(`'${field}' exceeds the maximum length of ${limit} characters`);
}

export const isPromptTag = (tags: readonly { key: string; value?: string | undefined }[]) =>
  tags.findLast(({ key }) => key === PROMPT_TAG)?.value?.toLowerCase() === 'true';

/** What names, versions, stages, aliases and tags of the registry may be, in MLflow's words. Source: `mlflow/utils/validation.py`. */
import { invalid, LIMITS } from '../../../api/index.js';
import { missingParameter } from '../../../api/schema.js';
import { checkKey, checkPathlike } from '../validation.js';

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export type Stage = (typeof STAGES)[number];
/** Of a version that is no more: its number stays taken. */
export const DELETED = 'Deleted_Internal';

export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

export function checkModelName(name: string, field = 'name'): void {
  if (name.trim() === '') throw missingParameter(field);
  if (/[/:]/.test(name)) throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  checkPathlike(name, 'name');
  if (name.length > LIMITS.modelNameLength) {
    throw invalid(`'${field}' exceeds the maximum length of ${LIMITS.modelNameLength} characters`);
  }
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
  if (alias.length > LIMITS.aliasLength) {
    throw invalid(`'Registered model alias name' exceeds the maximum length of ${LIMITS.aliasLength} characters`);
  }
}

/** Aliases that mean something already. */
export function checkNotReserved(alias: string): void {
  if (isLatest(alias)) throw invalid("'latest' alias name (case insensitive) is reserved.");
  if (/^v\d+$/i.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`);
}

export const isLatest = (alias: string) => alias.toLowerCase() === 'latest';

export function checkRegistryTag(key: string, value: string): void {
  checkKey(key, 'key');
  if (value.length > LIMITS.registryTagValueLength) {
    throw invalid(
      key === 'mlflow.prompt.text'
        ? `Prompt text exceeds max length of ${LIMITS.registryTagValueLength} characters.`
        : `'value' exceeds the maximum length of ${LIMITS.registryTagValueLength} characters`,
    );
  }
}

export const isPromptTag = (tags: readonly { key: string; value?: string | undefined }[]) =>
  tags.findLast(({ key }) => key === PROMPT_TAG)?.value?.toLowerCase() === 'true';

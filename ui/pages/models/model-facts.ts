/** What the pages of models tell from tags, versions and runs. */
import type { ModelVersion, RegisteredModel, Run } from '../../../api/index.js';

export const latestVersion = ({ latest_versions = [] }: RegisteredModel): ModelVersion | undefined =>
  latest_versions.reduce<ModelVersion | undefined>(
    (latest, each) => (!latest || Number(each.version) > Number(latest.version) ? each : latest),
    undefined,
  );

/** Who answers for a model: a tag, or who made its latest version. */
export const ownerOf = (model: RegisteredModel): string | undefined =>
  model.tags?.find(({ key }) => key === 'owner')?.value ?? latestVersion(model)?.user_id;

const SHOWN_METRICS = 2;

/** The metrics that tell versions apart: what the runs name as their first, then those of validation and test, of quality before loss, and the most common. */
export function keyMetrics(runs: readonly Run[]): string[] {
  const scores = new Map<string, number>();
  for (const { data } of runs) {
    const primary = data.tags?.find(({ key }) => key === 'mlflow.primaryMetric')?.value;
    for (const { key } of data.metrics ?? []) {
      const score = (key === primary ? 1000 : 0) + (scores.has(key) ? 1 : scoreOf(key));
      scores.set(key, (scores.get(key) ?? 0) + score);
    }
  }
  return [...scores]
    .sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
    .slice(0, SHOWN_METRICS)
    .map(([key]) => key);
}

const scoreOf = (key: string) =>
  (/^system\//.test(key) ? -100 : 0) +
  (/(^|[/_.-])(val|valid|validation|test|eval)([/_.-]|$)/i.test(key) ? 20 : 0) +
  (/(acc|f1|auc|r2|map|precision|recall|score)/i.test(key) ? 10 : /(loss|rmse|mae|error)/i.test(key) ? 5 : 0);

export interface Deployment {
  endpoint: string;
  region: string;
  image: string | undefined;
  model: string | undefined;
}

/** What the packager wrote into the tags of a version when it deployed it. */
export function deploymentsOf(version: ModelVersion): Deployment[] {
  return (version.tags ?? []).flatMap(({ key, value }) => {
    if (!key.startsWith('mltrack.sagemaker.')) return [];
    try {
      const { endpoint, region, image, model } = JSON.parse(value) as Record<string, unknown>;
      const text = (each: unknown) => (typeof each === 'string' ? each : undefined);
      const [, fromKey = '', app = ''] = /^mltrack\.sagemaker\.([^.]+)\.(.+)$/.exec(key) ?? [];
      return [
        { endpoint: text(endpoint) ?? app, region: text(region) ?? fromKey, image: text(image), model: text(model) },
      ];
    } catch {
      return [];
    }
  });
}

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;

/** Whether more or less of a metric is better, told from its name where that is customary. */

export type Goal = 'max' | 'min';

const LOW =
  /(^|[^a-z])(loss|losses|err|error|errors|mse|rmse|mae|mape|nll|bce|ppl|perplexity|wer|cer|fid|latency|duration|time|seconds|regret|divergence|kl)([^a-z]|$)/i;
const HIGH =
  /(^|[^a-z])(acc|accuracy|f1|auc|auroc|auprc|ap|map|precision|recall|score|r2|bleu|rouge|iou|miou|dice|psnr|ssim|reward|return|throughput|ndcg|mrr|top1|top5|specificity|sensitivity)([^a-z]|$)/i;

/** Undefined where the name says nothing. */
export function customaryGoal(key: string): Goal | undefined {
  if (LOW.test(key)) return 'min';
  return HIGH.test(key) ? 'max' : undefined;
}

/** How likely a metric is what an experiment is about; greater is likelier. */
export function goalLikelihood(key: string): number {
  if (/^system\//.test(key)) return -1;
  const isHeldOut = /(^|[^a-z])(val|valid|validation|test|eval)([^a-z]|$)/i.test(key);
  const goal = customaryGoal(key);
  return (isHeldOut ? 4 : 0) + (goal === 'max' ? 2 : goal === 'min' ? 1 : 0);
}

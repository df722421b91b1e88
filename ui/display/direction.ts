/** Which way a metric gets better, as far as its name tells. */

const LESS = /(^|[^a-z])(loss|error|err|rmse|mse|mae|mape|perplexity|ppl|wer|cer|latency|nll|fid|regret)([^a-z]|$)/i;
const MORE =
  /(^|[^a-z])(acc|accuracy|f1|auc|auroc|ap|map|r2|score|precision|recall|bleu|rouge|iou|dice|reward|return|psnr|ssim)([^a-z]|$)/i;

export function betterDirection(key: string): 'up' | 'down' | undefined {
  if (LESS.test(key)) return 'down';
  return MORE.test(key) ? 'up' : undefined;
}

/** Logistic regression by gradient descent: the model, how well it ranks, and the scaling of its features. */

export interface Row {
  features: number[];
  label: number;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

export class Model {
  weights: number[];
  bias = 0;

  constructor(features: number) {
    this.weights = new Array(features).fill(0);
  }

  probability(features: readonly number[]): number {
    return 1 / (1 + Math.exp(-sum(features.map((value, i) => value * this.weights[i]!)) - this.bias));
  }

  loss(rows: readonly Row[]): number {
    return -mean(
      rows.map(({ features, label }) => {
        const p = this.probability(features);
        return Math.log(label === 1 ? p : 1 - p);
      }),
    );
  }

  /** One step down the gradient of the loss. */
  step(rows: readonly Row[], rate: number): void {
    const errors = rows.map(({ features, label }) => this.probability(features) - label);
    this.weights = this.weights.map(
      (weight, i) => weight - rate * mean(rows.map((row, n) => errors[n]! * row.features[i]!)),
    );
    this.bias -= rate * mean(errors);
  }
}

/** How often a virginica is ranked above another iris. */
export function auc(model: Model, rows: readonly Row[]): number {
  const scores = (label: number) =>
    rows.filter((row) => row.label === label).map((row) => model.probability(row.features));
  const negatives = scores(0);
  return mean(
    scores(1).map((positive) => mean(negatives.map((each) => (positive > each ? 1 : positive === each ? 0.5 : 0)))),
  );
}

/** Makes features comparable, and takes that back out of a trained model. */
export function scaling(rows: readonly Row[]) {
  const columns = rows[0]!.features.map((_, i) => rows.map((row) => row.features[i]!));
  const means = columns.map(mean);
  const deviations = columns.map((column, i) => Math.sqrt(mean(column.map((value) => (value - means[i]!) ** 2))));
  return {
    apply: (row: Row): Row => ({
      ...row,
      features: row.features.map((value, i) => (value - means[i]!) / deviations[i]!),
    }),
    unscaled(model: Model) {
      const weights = model.weights.map((weight, i) => weight / deviations[i]!);
      return { weights, bias: model.bias - sum(weights.map((weight, i) => weight * means[i]!)) };
    },
  };
}

/** Where our answer to a request is not MLflow's, and why: one refuses what the other takes. A difference without an entry fails. */

export interface Difference {
  /** Our status; MLflow's is the other one. */
  readonly ours: 200 | 400;
  /** What the names of the models and of the requests, and MLflow's text, must match. */
  readonly models?: RegExp;
  readonly requests?: RegExp;
  readonly theirs?: RegExp;
  readonly reason: string;
}

const COLUMN_SIGNATURE = /^(wine_zipmap_columns|iris_optional|mixed_pipeline|columns_signed)$/;

export const DIFFERENCES: readonly Difference[] = [
  {
    ours: 200,
    theirs: /Actual: \(tensor\((int64|double)\)\) , expected: \(tensor\((float|double|int64)\)\)/,
    reason: 'JSON has one kind of number: an integer is a float, and 1E2 an integer, where the graph takes that',
  },
  {
    ours: 200,
    requests: /(null|an integer beyond uint64) for the first value/,
    theirs: /Actual: \(tensor\(string\)\) , expected: \(tensor\((float|double)\)\)/,
    reason: 'null is a missing number and a long integer a rounded one; numpy makes objects of both',
  },
  {
    ours: 200,
    requests: /^csv: /,
    theirs: /TensorSpec only supports numpy types/,
    reason: 'MLflow reads no CSV when the signature has tensors',
  },
  {
    ours: 200,
    models: /^(columns.*|d_cars_columns-mlmodel_nosig)$/,
    theirs: /Input must be a list of dictionaries or a single numpy array/,
    reason: 'onnxruntime does not take the texts of pandas 3',
  },
  {
    ours: 200,
    models: /^d_strings/,
    theirs: /Invalid rank for input: s Got: 2 Expected: 1/,
    reason: 'a frame of one column feeds an input of one axis',
  },
  {
    ours: 200,
    models: /-mlmodel$|^(narrow|double)_tensor$/,
    requests: /^(split|records): /,
    theirs: /Model is missing inputs/,
    reason: 'a frame that does not have the column of the only tensor is that tensor, as it is without a signature',
  },
  {
    ours: 200,
    requests: /^split: with an index$/,
    theirs: /Error: 0"/,
    reason: "MLflow looks for the row named 0; a frame's index means nothing to a model",
  },
  {
    ours: 200,
    models: COLUMN_SIGNATURE,
    requests: /^(inputs|instances|body)/,
    theirs: /Model is missing inputs|Can not safely convert object to int64/,
    reason: "the graph's own inputs are taken too when the signature names columns",
  },
  {
    ours: 200,
    models: /unnamed/,
    theirs:
      /un-named {2}model signature|model signature with no input names|we can only verify their count|so we can only/,
    reason: "what the signature does not name may be sent by the graph's name",
  },
  {
    ours: 200,
    models: /^(without_batch|speech)$/,
    requests: /^instances by name: /,
    theirs: /len\(\) of unsized object/,
    reason: 'an input of the graph may be a scalar, in every form',
  },
  {
    ours: 200,
    requests: /^(inputs|instances) by name: a row (alone|twice)$/,
    theirs: /length of values for each input\/column name are not the same|arrays must be of the same length/,
    reason: 'which lengths go together is for the graph to say',
  },
  {
    ours: 400,
    requests: /: (no rows|a header alone|data that is an object|an empty list)$/,
    theirs: /^{"predictions": \[\]}$/,
    reason: 'a request without rows asks for nothing',
  },
  {
    ours: 400,
    requests: /: (a line that is too short|rows of several lengths)$/,
    reason: 'pandas fills rows that are cut off with missing values',
  },
  {
    ours: 400,
    requests: /^instances, one object a row: rows with other names$/,
    reason: 'MLflow drops the rows that lack the name, and answers fewer than were sent',
  },
  {
    ours: 200,
    models: /^column_boolean$/,
    requests: /^csv: /,
    theirs: /cannot safely convert passed user dtype of bool/,
    reason: '1 and 0 are truth values in CSV',
  },
  {
    ours: 200,
    models: /^unnamed_columns$/,
    requests: /^split: a name twice$/,
    theirs: /object has no attribute 'dtype'/,
    reason: 'names mean nothing to columns that the signature does not name',
  },
  {
    ours: 400,
    models: /^columns_of_numbers_signed$/,
    requests: /by name: (an axis less|a scalar|null alone)$/,
    reason: 'pandas repeats a scalar for the rows of the other columns',
  },
  {
    ours: 400,
    models: /^column_double$/,
    requests: /: an empty row$/,
    reason: 'an empty list is no number',
  },
  {
    ours: 400,
    models: /^column_boolean$/,
    reason: 'what is no boolean is refused, of which numpy makes True or False',
  },
  {
    ours: 400,
    models: /^column_(integer|long)$/,
    requests: /(a fraction|an integer beyond (the doubles|int64)) for the first value$/,
    reason: 'numpy cuts a fraction and wraps an integer that is too long',
  },
  {
    ours: 400,
    requests: /true for the first value$/,
    reason: 'a boolean is no number; numpy takes it among numbers, and refuses it alone',
  },
  {
    ours: 400,
    models: /^d_two_inputs-mlmodel$/,
    requests: /a fraction for the first value$/,
    reason: 'numpy cuts a fraction to the integer of the signature',
  },
  {
    ours: 400,
    models: /^d_strings/,
    requests: / for the first value$/,
    reason: 'a text is sent as one: numpy writes numbers, None and objects as Python does',
  },
  {
    ours: 400,
    models: /^(d_strings|d_cars_columns)-mlmodel$/,
    requests: /^records: a value missing in one$/,
    reason: "a text that is missing is not the text 'nan'",
  },
  {
    ours: 400,
    models: /^d_cars_columns-mlmodel$/,
    requests: /^(split|records): a list for the first value$/,
    reason: 'a column has numbers or lists, not both',
  },
];

/** The flag of every `mltrack models` command that says which model. */
export const MODEL_URI = {
  alias: 'm',
  type: 'string',
  describe:
    'A folder, an ONNX file, file:, runs:/RUN_ID/PATH, models:/NAME/VERSION, models:/NAME@ALIAS, models:/m-ID, mlflow-artifacts:/PATH or s3://BUCKET/PATH',
} as const;

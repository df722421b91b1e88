/** The limits of the protocol, in characters, items or bytes. Source: `mlflow/utils/validation.py` unless said otherwise. */
export const LIMITS = {
  keyLength: 250,
  paramValueLength: 6000,
  tagValueLength: 8000,
  experimentNameLength: 500,
  datasetNameLength: 500,
  datasetDigestLength: 36,
  datasetSourceLength: 65_535,
  datasetSchemaLength: 1_048_575,
  datasetProfileLength: 16_777_215,
  inputTagKeyLength: 255,
  inputTagValueLength: 500,
  experimentTagValueLength: 20_000,
  batchMetrics: 1000,
  batchParams: 100,
  batchTags: 100,
  batchTotal: 1000,
  searchMaxResults: 50_000,
  webhooksMaxResults: 1000,
  /** Of a registered model: the width of MLflow’s column. */
  modelNameLength: 256,
  aliasLength: 255,
  /** Of params and tags of a logged model: the width of MLflow’s column. */
  modelKeyLength: 255,
  /** Of the run or logged model of a model version. Ours: MLflow’s ids have 32 and 34. */
  ownerIdLength: 256,
  /** Of models and versions: the width of MLflow’s column. */
  descriptionLength: 5000,
  registryTagValueLength: 100_000,
  registeredModelsMaxResults: 1000,
  modelVersionsMaxResults: 200_000,
  historyMaxResults: 25_000,
  bulkRuns: 100,
  bulkIntervalRuns: 100,
  searchDatasetsExperiments: 20,
  searchDatasetsResults: 1000,
  bulkIntervalMaxResults: 2_500,
  /** Bytes of one JSON request body. Ours: MLflow has no limit; a full log-batch is about 1 MB. */
  requestBody: 32 * 1024 * 1024,
} as const;

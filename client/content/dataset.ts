/**
 * `logInput`: what a run was trained or evaluated on, described as MLflow's `mlflow.data` describes pandas frames.
 * Source: `mlflow/data/pandas_dataset.py`, `mlflow/data/dataset_source_registry.py`.
 */
import { type DatasetInput, LIMITS } from '../../api/index.js';
import { crc32 } from '../checksum.js';
import { type Table, type TableData, tableOf } from './table.js';
import { invalid } from './target.js';

export interface DatasetOptions {
  /** Default: "dataset". */
  name?: string;
  /** What it holds: number of rows, columns and digest follow. Without it, give a digest. */
  data?: TableData;
  /** At most 36 characters; datasets of one name and digest are one. Default: made from the data. */
  digest?: string;
  /** Where it came from: a URL, a path, or the fields of a source of another kind. Default: the code. */
  source?: string | Readonly<Record<string, unknown>>;
  /** Default: by the source's form: "http", "s3", "local", "code". */
  sourceType?: string;
  /** The column with the right answers. */
  targets?: string;
  /** A schema in MLflow's form, as an object or its JSON. Default: by the data. */
  schema?: string | Readonly<Record<string, unknown>>;
  /** Numbers about the data, as an object or their JSON. Default: by the data. */
  profile?: string | Readonly<Record<string, unknown>>;
  /** What the run did with it: "training", "evaluation", … */
  context?: string;
  tags?: Readonly<Record<string, string>>;
}

/** The input for the endpoint `logInputs`. Throws INVALID_PARAMETER_VALUE when there is neither data nor a digest. */
export function datasetInput(options: DatasetOptions): DatasetInput {
  const { name = 'dataset', data, targets, context, tags = {} } = options;
  const table = data === undefined ? undefined : tableOf(data);
  const digest = options.digest ?? (table && digestOf(table));
  if (digest === undefined) throw invalid(`The dataset '${name}' needs data or a digest`);
  if (digest.length > LIMITS.datasetDigestLength) {
    throw invalid(`A dataset's digest has at most ${LIMITS.datasetDigestLength} characters`);
  }
  if (targets !== undefined && table && !table.columns.includes(targets)) {
    throw invalid(`The dataset '${name}' has no column '${targets}'`);
  }
  const schema =
    options.schema ?? (table && { mlflow_colspec: table.columns.map((column, at) => spec(table, column, at)) });
  const profile = options.profile ?? (table && profileOf(table));
  const all = { ...(context !== undefined && { 'mlflow.data.context': context }), ...tags };
  return {
    dataset: {
      name,
      digest,
      ...sourceOf(options),
      ...(schema !== undefined && { schema: json(schema) }),
      ...(profile !== undefined && { profile: json(profile) }),
    },
    tags: Object.entries(all).map(([key, value]) => ({ key, value })),
  };
}

const json = (value: string | object) => (typeof value === 'string' ? value : JSON.stringify(value));

const profileOf = ({ columns, data }: Table) => ({ num_rows: data.length, num_elements: data.length * columns.length });

/** 8 hexadecimal digits, as MLflow's. The same data gives the same digest, but not the one that MLflow makes from pandas' own hashes. */
const digestOf = (table: Table) =>
  crc32(new TextEncoder().encode(JSON.stringify(table)))
    .toString(16)
    .padStart(8, '0');

function sourceOf({ source, sourceType }: DatasetOptions): { source_type: string; source: string } {
  if (source === undefined) return { source_type: sourceType ?? 'code', source: JSON.stringify({ tags: {} }) };
  if (typeof source !== 'string') return { source_type: sourceType ?? 'external', source: JSON.stringify(source) };
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(source)?.[1]?.toLowerCase() ?? 'local';
  if (scheme === 'http' || scheme === 'https') {
    return { source_type: sourceType ?? 'http', source: JSON.stringify({ url: source }) };
  }
  return { source_type: sourceType ?? (scheme === 'file' ? 'local' : scheme), source: JSON.stringify({ uri: source }) };
}

function spec({ data }: Table, name: string, at: number) {
  const values = data.map((row) => row[at]);
  const present = values.filter((value) => value !== null);
  return { type: columnType(present), name, required: present.length === values.length };
}

function columnType(values: readonly unknown[]): string {
  const every = (is: (value: unknown) => boolean) => values.length > 0 && values.every(is);
  if (every((value) => Number.isSafeInteger(value))) return 'long';
  if (every((value) => typeof value === 'number')) return 'double';
  if (every((value) => typeof value === 'boolean')) return 'boolean';
  if (every((value) => value instanceof Date)) return 'datetime';
  return every((value) => typeof value === 'string') ? 'string' : 'any';
}

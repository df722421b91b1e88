/** What an MLmodel file says: flavours, signature, and where the model came from. */
import { parseYaml, type Yaml } from './yaml-blocks.js';

/** One input, output or parameter of a signature. */
export interface Field {
  name: string;
  type: string;
  isRequired: boolean;
}

export interface ModelFacts {
  flavours: { name: string; facts: [name: string, value: string][] }[];
  inputs: Field[];
  outputs: Field[];
  params: (Field & { value: string })[];
  facts: [name: string, value: string][];
  /** The example's file, below the model's folder. */
  inputExample: string | undefined;
}

/** Undefined for what is not understood. */
export function readMlmodel(text: string): ModelFacts | undefined {
  let root: Record<string, Yaml>;
  try {
    root = mapOf(parseYaml(text));
  } catch {
    return undefined;
  }
  const signature = mapOf(root.signature);
  return {
    flavours: Object.entries(mapOf(root.flavors)).map(([name, facts]) => ({
      name,
      facts: Object.entries(mapOf(facts)).flatMap(([key, value]): [string, string][] => {
        const shown = textOf(value);
        return shown === undefined ? [] : [[key, shown]];
      }),
    })),
    inputs: fieldsOf(signature.inputs),
    outputs: fieldsOf(signature.outputs),
    params: jsonList(signature.params).map((each) => ({
      ...fieldOf(each),
      value: JSON.stringify(each.default ?? null),
    })),
    facts: ['run_id', 'model_id', 'model_uuid', 'utc_time_created', 'mlflow_version', 'model_size_bytes'].flatMap(
      (key): [string, string][] => {
        const value = textOf(root[key]);
        return value === undefined ? [] : [[key.replaceAll('_', ' '), value]];
      },
    ),
    inputExample: textOf(mapOf(root.saved_input_example_info).artifact_path),
  };
}

const mapOf = (value: Yaml | undefined): Record<string, Yaml> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};

const textOf = (value: Yaml | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

type Spec = Record<string, unknown>;

/** A signature's part is JSON within the YAML. */
function jsonList(value: Yaml | undefined): Spec[] {
  try {
    const list: unknown = JSON.parse(textOf(value) ?? '[]');
    return Array.isArray(list) ? list.filter((each): each is Spec => typeof each === 'object' && each !== null) : [];
  } catch {
    return [];
  }
}

const fieldsOf = (value: Yaml | undefined): Field[] => jsonList(value).map(fieldOf);

function fieldOf(spec: Spec): Field {
  return {
    name: typeof spec.name === 'string' ? spec.name : '',
    type: typeName(spec),
    isRequired: spec.required !== false && spec.optional !== true,
  };
}

/** "double", "float32 (-1, 28, 28)", "list of string". */
function typeName(spec: Spec): string {
  const tensor = spec['tensor-spec'] as { dtype?: unknown; shape?: unknown } | undefined;
  if (tensor) return `${tensor.dtype} (${Array.isArray(tensor.shape) ? tensor.shape.join(', ') : ''})`;
  if (spec.type === 'array') return `list of ${typeName((spec.items ?? {}) as Spec)}`;
  return String(spec.type ?? 'any');
}

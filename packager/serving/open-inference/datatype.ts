/** The Open Inference Protocol's names of element types, and how it describes a model's tensors. */
import type { ElementType } from '../../../client/onnx/graph.js';

export const DATATYPES: Record<ElementType, string> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
};

const ELEMENT_TYPES = new Map(
  Object.entries(DATATYPES).map(([type, datatype]) => [datatype, type as ElementType] as const),
);

export const elementTypeOf = (datatype: unknown): ElementType | undefined => ELEMENT_TYPES.get(datatype as string);

/**
 * The parameters of an output that is a list of maps, of which the tensor has the values: `labels` is the JSON list of the
 * maps' keys, one per column (a parameter's value cannot be a list).
 */
export const labelParameters = (labels: readonly string[]) => ({ labels: JSON.stringify(labels) });

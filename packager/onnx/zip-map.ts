/**
 * Cuts `ZipMap` nodes out of a model: onnxruntime-node cannot return the sequences of maps they make
 * ("Non tensor type is temporarily not supported"), so the tensor they would read is returned and the maps are made from it here.
 * Operator: https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md#ai.onnx.ml.ZipMap
 */
import { find, GRAPH, graphOf, valueName, withGraph } from '../../client/onnx/graph.js';
import {
  concat,
  type Field,
  fields,
  int64s,
  lengthDelimited,
  stringField,
  text,
  varintField,
} from '../../client/onnx/wire.js';

/** An output of the model as its author named it. */
export interface OutputInfo {
  readonly name: string;
  /** The tensor to fetch for it. */
  readonly tensor: string;
  /** The keys of its maps, one per column of the tensor; undefined for an output that is a tensor itself. */
  readonly labels: readonly string[] | undefined;
}

export interface CutModel {
  /** The model without its ZipMap nodes; undefined when it has none that make an output. */
  readonly rewritten: Uint8Array | undefined;
  readonly outputs: readonly OutputInfo[];
}

interface ZipMap {
  readonly input: string;
  readonly output: string;
  readonly labels: string[];
}

/** Throws an Error when the bytes are no ONNX model. */
export function cutZipMaps(model: Uint8Array): CutModel {
  const graph = graphOf(model).bytes;
  const names: string[] = [];
  const zipMaps = new Map<string, ZipMap>();
  for (const field of fields(graph)) {
    if (field.number === GRAPH.output) names.push(valueName(field.bytes));
    const zipMap = field.number === GRAPH.node ? readZipMap(field.bytes) : undefined;
    if (zipMap) zipMaps.set(zipMap.output, zipMap);
  }
  const outputs = names.map((name) => {
    const zipMap = zipMaps.get(name);
    return { name, tensor: zipMap?.input ?? name, labels: zipMap?.labels };
  });
  const cut = new Set(outputs.filter((output) => output.labels).map((output) => output.name));
  if (cut.size === 0) return { rewritten: undefined, outputs };
  return { rewritten: withGraph(model, withoutZipMaps(graph, cut, zipMaps)), outputs };
}

function readZipMap(node: Uint8Array): ZipMap | undefined {
  const operator = find(node, 4);
  const domain = find(node, 7);
  if (!operator || text(operator) !== 'ZipMap' || !domain || text(domain) !== 'ai.onnx.ml') return undefined;
  const input = find(node, 1);
  const output = find(node, 2);
  if (!input || !output) return undefined;
  const labels = [...fields(node)].filter((field) => field.number === 5).flatMap((field) => labelsOf(field.bytes));
  return { input: text(input), output: text(output), labels };
}

/** The labels in a node's attribute: `classlabels_strings` has strings, `classlabels_int64s` ints. */
function labelsOf(attribute: Uint8Array): string[] {
  const labels: string[] = [];
  for (const field of fields(attribute)) {
    if (field.number === 8) labels.push(...int64s(field).map(String));
    if (field.number === 9) labels.push(text(field));
  }
  return labels;
}

function withoutZipMaps(graph: Uint8Array, cut: Set<string>, zipMaps: Map<string, ZipMap>): Uint8Array {
  const kept: Uint8Array[] = [];
  const given = new Set(
    [...fields(graph)].filter((field) => field.number === GRAPH.output).map((field) => valueName(field.bytes)),
  );
  for (const field of fields(graph)) {
    if (isCut(field, cut)) continue;
    const zipMap = field.number === GRAPH.output ? zipMaps.get(valueName(field.bytes)) : undefined;
    if (!zipMap) kept.push(field.raw);
    else if (!given.has(zipMap.input)) {
      given.add(zipMap.input);
      kept.push(floatOutput(zipMap.input));
    }
  }
  return concat(kept);
}

function isCut(field: Field, cut: Set<string>): boolean {
  if (field.number !== GRAPH.node) return false;
  const zipMap = readZipMap(field.bytes);
  return zipMap !== undefined && cut.has(zipMap.output);
}

/** A `ValueInfoProto` of a float tensor of any shape, which is what ZipMap takes. */
function floatOutput(name: string): Uint8Array {
  const tensor = lengthDelimited(1, varintField(1, 1));
  return lengthDelimited(GRAPH.output, concat([stringField(1, name), lengthDelimited(2, tensor)]));
}

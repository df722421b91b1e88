/** Writes a logistic regression as an ONNX file: Sigmoid(x · weights + bias). Field numbers are those of `onnx.proto`. */

const FLOAT = 1;
const text = new TextEncoder();

type Field = Uint8Array[];

const join = (parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  return new Uint8Array(bytes);
}

const int = (field: number, value: number): Field => [varint(field << 3), varint(value)];
const bytes = (field: number, value: Uint8Array): Field => [varint((field << 3) | 2), varint(value.length), value];
const string = (field: number, value: string): Field => bytes(field, text.encode(value));
const message = (field: number, ...fields: Field[]): Field => bytes(field, join(fields.flat()));

function floats(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return new Uint8Array(view.buffer);
}

/** TensorProto, as an initializer of the graph. */
const tensor = (name: string, dims: number[], values: readonly number[]) =>
  message(5, ...dims.map((dim) => int(1, dim)), int(2, FLOAT), string(8, name), bytes(9, floats(values)));

/** NodeProto: one operator. */
const node = (operator: string, inputs: string[], output: string) =>
  message(1, ...inputs.map((name) => string(1, name)), string(2, output), string(4, operator));

/** ValueInfoProto: a float matrix of any number of rows. */
const matrix = (field: number, name: string, columns: number) =>
  message(
    field,
    string(1, name),
    message(2, message(1, int(1, FLOAT), message(2, message(1, string(2, 'rows')), message(1, int(1, columns))))),
  );

/** ModelProto with the input `x` [rows, weights.length] and the output `probability` [rows, 1]. */
export function onnxOf(weights: readonly number[], bias: number): Uint8Array {
  const graph = message(
    7,
    node('MatMul', ['x', 'weights'], 'product'),
    node('Add', ['product', 'bias'], 'score'),
    node('Sigmoid', ['score'], 'probability'),
    string(2, 'logistic regression'),
    tensor('weights', [weights.length, 1], weights),
    tensor('bias', [1], [bias]),
    matrix(11, 'x', weights.length),
    matrix(12, 'probability', 1),
  );
  const irVersion = int(1, 8);
  const operatorSet = message(8, int(2, 13));
  return join([irVersion, string(2, 'mltrack example'), graph, operatorSet].flat());
}

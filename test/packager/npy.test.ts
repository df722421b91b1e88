/** Bodies of `application/x-npy` that are refused; what numpy itself writes is in `test/interop/npy.test.ts`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelServer, modelFolder, serveModel } from './model-server.js';
import { echoModel } from './onnx-writer.js';

const JSON_TYPE = 'application/json';
const NPY = 'application/x-npy';

const ended: (() => Promise<unknown>)[] = [];
async function serving(model: Uint8Array): Promise<ModelServer> {
  const folder = await modelFolder({ 'model.onnx': model });
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  ended.push(() => server.stop(), folder.remove);
  return server;
}
afterAll(() => Promise.all(ended.map((end) => end())));

/** A file as numpy writes it, with any header, and so many bytes of zeros. */
function npyFile(header: string, length: number, version: [number, number] = [1, 0]): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const lengths = version[0] === 1 ? [text.length & 255, text.length >> 8] : [text.length, 0, 0, 0];
  return Uint8Array.of(
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    ...version,
    ...lengths,
    ...text,
    ...new Uint8Array(length),
  );
}

describe('a file that is no array: 400', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serving(echoModel(['float']));
  });

  const header = (descr: string, shape: string, fortran = 'False') =>
    `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const good = header("'<f4'", '(1, 2)');
  const bomb = header("'<f4'", `(${'1, '.repeat(80)})`);

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'does not begin with the bytes'],
    ['text', new TextEncoder().encode('1,2,3'), 'does not begin with the bytes'],
    ['the magic alone', npyFile('', 0).subarray(0, 6), 'its version is 0.0'],
    ['version 4', npyFile(good, 8, [4, 0]), 'its version is 4.0'],
    ['a header length that is cut', npyFile(good, 8).subarray(0, 9), 'ends within its header'],
    ['a header that is cut', npyFile(good, 8).subarray(0, 40), 'of which 30 are there'],
    ['a header that is too long', npyFile(`${good}${' '.repeat(12_000)}`, 8), 'at most 10000 are read'],
    ['too few bytes', npyFile(good, 7), 'which is 8 bytes, and 7 follow'],
    ['too many bytes', npyFile(good, 9), 'which is 8 bytes, and 9 follow'],
    ['no dictionary', npyFile('[1]', 8), "is not a dictionary with 'descr'"],
    ['a dictionary of less', npyFile("{'descr': '<f4', 'shape': (1, 2)}", 8), "is not a dictionary with 'descr'"],
    [
      'a dictionary of more',
      npyFile("{'x': '', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", 4),
      'is not a dict',
    ],
    ['a call in the dictionary', npyFile(header("'<f4'", '(1, exit())'), 8), 'is not a dictionary'],
    ['a shape that is a number', npyFile(header("'<f4'", '(2)'), 8), 'is not a dictionary'],
    ['a negative shape', npyFile(header("'<f4'", '(-1, 2)'), 8), 'is not a dictionary'],
    ['an order that is no bool', npyFile(header("'<f4'", '(1, 2)', '1'), 8), 'is not a dictionary'],
    ['a shape beyond all memory', npyFile(header("'<f4'", '(9007199254740993, 0)'), 0), 'is too large'],
    ['a shape of too many axes', npyFile(bomb, 4), 'has 80 axes, at most 64'],
    ['elements of no bytes', npyFile(header("'<U0'", '(900000000000, 1)'), 0), "element type is '<U0'"],
    ['a pickle', npyFile(header("'|O'", '(1, 1)'), 8), 'Python objects'],
    ['an unknown type', npyFile(header("'<f3'", '(1, 1)'), 3), "element type is '<f3'"],
  ])('%s', async (_, file, reason) => {
    const { status, type, text } = await server.post(file, NPY);
    expect({ status, type }).toEqual({ status: 400, type: JSON_TYPE });
    expect(JSON.parse(text).error_code).toBe('BAD_REQUEST');
    expect(JSON.parse(text).message).toContain(reason);
  });

  test('but the array itself is read, in either order of its keys', async () => {
    const reply = { status: 200, type: JSON_TYPE, text: '{"predictions":{"float_out":[[0.0,0.0]]}}' };
    expect(await server.post(npyFile(good, 8), NPY)).toEqual(reply);
    const turned = '{"shape": (1, 2), "fortran_order": True, "descr": "<f4"}';
    expect(await server.post(npyFile(turned, 8), NPY)).toEqual(reply);
  });
});

test('one array does not feed several inputs: 400', async () => {
  const server = await serving(echoModel(['float', 'int64', 'bool', 'string']));
  const file = npyFile("{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", 1);
  const { status, text } = await server.post(file, NPY);
  expect(status).toBe(400);
  expect(JSON.parse(text).message).toContain(
    "Unable to map an array to the expected model input. This model requires 4 inputs. Send a JSON object with the inputs ['float', 'int64', 'bool', 'string'].",
  );
});

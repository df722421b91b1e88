/** What is refused, with which status, and that the reason is said. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelServer, modelPath, serveModel, VARIANTS } from './model-server.js';

const ROW = new Array(30).fill(0.5);
const COLUMNS = ROW.map((_, at) => `c${at}`);

const LONG = 'name '.repeat(1000);
const nested = (open: string, value: string, close: string) => open.repeat(50_000) + value + close.repeat(50_000);

/** name, body, Content-Type ('' for JSON), part of the reason. */
const BAD: [string, unknown, string, string][] = [
  ['text that is not JSON', '{"inputs":', '', 'Ensure that input is a valid JSON formatted string'],
  ['nothing', '', '', 'Ensure that input is a valid JSON formatted string'],
  ['NaN in the wrong place', '{NaN: 1}', '', 'Ensure that input is a valid JSON formatted string'],
  ['a long integer as a key', '{12345678901234567890: 1}', '', 'Ensure that input is a valid JSON formatted string'],
  ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), '', 'valid UTF-8'],
  ['a list', [1], '', 'Received a list'],
  ['a number', 3, '', 'exactly one of the input fields'],
  ['null', 'null', '', 'exactly one of the input fields'],
  ['no format key', { foo: 1 }, '', "Received dictionary with input fields: ['foo']"],
  ['two format keys', { inputs: [ROW], instances: [ROW] }, '', "input fields: ['inputs', 'instances']"],
  ['another input name', { inputs: { z: [ROW] } }, '', "Model is missing inputs ['x']"],
  ['no input name', { inputs: {} }, '', "Model is missing inputs ['x']"],
  ['a name of an object’s own methods', { inputs: { constructor: [ROW] } }, '', "Model is missing inputs ['x']"],
  [
    'a row that is too short',
    { inputs: [ROW.slice(1)] },
    '',
    "Shape of input 'x' (1, 29) does not match expected shape (-1, 30).",
  ],
  ['a list without axis 0', { inputs: ROW }, '', "Shape of input 'x' (30,) does not match"],
  ['an empty list', { inputs: [] }, '', "Shape of input 'x' (0,) does not match"],
  ['empty rows', { inputs: [[], []] }, '', "Shape of input 'x' (2, 0) does not match"],
  ['a scalar', { inputs: 1 }, '', "Shape of input 'x' () does not match"],
  ['null for a tensor', { inputs: null }, '', "Shape of input 'x' () does not match"],
  ['ragged rows', { inputs: [ROW, ROW.slice(1)] }, '', "The lists of 'x' differ in length"],
  ['lists among numbers', { inputs: [[...ROW.slice(1), [1]]] }, '', "The lists of 'x' differ in length"],
  ['very deep lists', `{"inputs":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, '', 'levels deep'],
  ['very deep lists around NaN', `{"inputs":${nested('[', 'NaN', ']')}}`, '', 'levels deep'],
  ['very deep lists in a cell', `{"dataframe_split":{"data":[[1,${nested('[', '1', ']')}]]}}`, '', 'levels deep'],
  ['a literal that goes on from a number', '{"inputs":[[1NaN2]]}', '', 'valid JSON'],
  ['text', { inputs: [[...ROW.slice(1), 'abc']] }, '', '"abc" is not of type float32'],
  ['an object for a number', { inputs: [[...ROW.slice(1), { a: 1 }]] }, '', '{"a":1} is not of type float32'],
  [
    'an object of long digits',
    '{"inputs":[[{"a":12345678901234567890}]]}',
    '',
    '{"a":"12345678901234567890"} is not of',
  ],
  [
    'very deep objects',
    `{"inputs":[[${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}]]}`,
    '',
    '{"a":"…"} is not of type',
  ],
  ['instances with different keys', { instances: [{ x: ROW }, { y: ROW }] }, '', "must all have the same keys ['x']"],
  [
    'a split frame that is a list',
    { dataframe_split: [1] },
    '',
    'Dataframe split format must be a dictionary. Got list.',
  ],
  ['a split frame without data', { dataframe_split: { columns: COLUMNS } }, '', "must have 'data' field"],
  ['a split frame with another key', { dataframe_split: { data: [ROW], x: 1 } }, '', "Got ['data', 'x']"],
  ['rows that are no lists', { dataframe_split: { data: [1, 2] } }, '', 'a list of rows'],
  ['rows of several lengths', { dataframe_split: { data: [ROW, [1]] } }, '', "The rows of 'data' differ in length"],
  [
    'too few columns',
    { dataframe_split: { columns: ['a'], data: [ROW] } },
    '',
    '1 columns passed, passed data had 30 columns',
  ],
  ['an index of another length', { dataframe_split: { index: [1, 2], data: [ROW] } }, '', '2 entries for 1 rows'],
  ['a frame without rows', { dataframe_split: { columns: COLUMNS, data: [] } }, '', 'has no rows'],
  ['a frame that is too narrow', { dataframe_split: { data: [[1, 2]] } }, '', "Shape of input 'x' (1, 2)"],
  [
    'columns that are objects',
    { dataframe_split: { columns: [{ toString: 1 }], data: [[1]] } },
    '',
    "'columns' must be a list of names",
  ],
  [
    'columns that are lists',
    { dataframe_split: { columns: [['a', 'b']], data: [[1]] } },
    '',
    "'columns' must be a list of names",
  ],
  [
    'records of other columns each',
    { dataframe_records: Array.from({ length: 3000 }, (_, at) => ({ [`c${at}`]: 1 })) },
    '',
    '3000 records name 3000 columns',
  ],
  ['a long name', { [LONG]: 1 }, '', `input fields: ['${LONG.slice(0, 60)}…']`],
  [
    'very many names',
    { inputs: Object.fromEntries([...COLUMNS, ...COLUMNS.map((name) => `${name}_`)].map((name) => [name, 1])) },
    '',
    "'c9_', and 20 more]",
  ],
  ['records that are a dictionary', { dataframe_records: { a: 1 } }, '', 'must be a list of records. Got dictionary.'],
  ['records that are numbers', { dataframe_records: [1] }, '', 'must be a list of records'],
  ['1.x without data', { columns: COLUMNS }, 'application/json; format=pandas-split', "must have 'data' field"],
  [
    '1.x with the 2.x envelope',
    { dataframe_split: { data: [ROW] } },
    'application/json;format=pandas-split',
    "must have 'data'",
  ],
  ['1.x records of lists', [[1]], 'application/json; format=pandas-records', 'must be a list of records'],
  ['no CSV', '', 'text/csv', 'no columns to parse'],
  ['a header alone', `${COLUMNS.join()}\n`, 'text/csv', 'has no rows'],
  [
    'CSV rows of several lengths',
    `${COLUMNS.join()}\n${ROW.join()}\n1,2\n`,
    'text/csv',
    'expected 30 fields in record 3, saw 2',
  ],
  ['CSV with text', `${COLUMNS.join()}\nabc,${ROW.slice(1).join()}\n`, 'text/csv', '"abc" is not of type float32'],
  ['CSV with an open quote', `"a\n1\n`, 'text/csv', 'a quoted field has no end'],
  ['CSV with text after a quote', `"a"b\n1\n`, 'text/csv', 'text follows a quoted field'],
];

const OTHER_TYPES: [string, string][] = [
  ['text/xml', "Got 'text/xml'"],
  ['application/json; charset=latin-1', 'only supports UTF-8'],
  ['application/json; format=pandas-table', 'format=pandas-table'],
  ['application/json; header=present', 'header=present'],
  ['text/csv; format=pandas-split', 'format=pandas-split'],
  ['text/csv; header=maybe', 'header=maybe'],
  ['application/jsonp', "'application/json'"],
  ['application/x-numpy', "'application/x-npy'"],
];

describe.each(VARIANTS)('%s', (variant) => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serveModel(modelPath('d_mlp_small', variant), {
      args: ['-w', '1'],
      env: { SAGEMAKER_MAX_PAYLOAD_IN_MB: '1' },
    });
  });
  afterAll(async () => {
    await server.stop();
  });

  test.each(BAD)('%s: 400', async (_, body, contentType, reason) => {
    const { status, type, text } = await server.post(body, contentType || undefined);
    expect({ status, type, reply: JSON.parse(text) }).toEqual({
      status: 400,
      type: 'application/json',
      reply: {
        error_code: expect.stringMatching(/^(BAD_REQUEST|INVALID_PARAMETER_VALUE)$/),
        message: expect.stringContaining(reason),
      },
    });
  });

  test('unknown keys and params are ignored', async () => {
    const plain = await server.predict({ inputs: [ROW] });
    expect(await server.predict({ inputs: [ROW], params: { a: 1 }, signature_name: 'x', messages: 1 })).toEqual(plain);
    expect(await server.predict({ inputs: [ROW] }, 'APPLICATION/JSON;  CHARSET=utf-8')).toEqual(plain);
  });

  test.each(OTHER_TYPES)('%s: 415', async (contentType, reason) => {
    const { status, type, text } = await server.post('{}', contentType);
    expect({ status, type, text }).toEqual({
      status: 415,
      type: 'text/plain; charset=utf-8',
      text: expect.stringContaining(reason),
    });
  });

  test('a body without Content-Type: 415', async () => {
    const answer = await fetch(`${server.url}/invocations`, { method: 'POST', body: new Uint8Array(2) });
    expect(answer.status).toBe(415);
    expect(await answer.text()).toContain("Got ''");
  });

  test('a body over the limit: 413, announced or not', async () => {
    const large = new Uint8Array(2 ** 20 + 1).fill(32);
    const announced = await server.post(large);
    expect([announced.status, announced.text]).toEqual([413, expect.stringContaining('larger than 1 MiB')]);
    expect(await sendChunked(`${server.url}/invocations`, large)).toBe(413);
    expect((await server.post(large.subarray(1))).status).toBe(400);
  });

  test('an announced body over the limit is refused before it is sent', async () => {
    const refused = new Promise<number>((resolve, reject) => {
      const asked = request(`${server.url}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': 2 ** 30, expect: '100-continue' },
      });
      asked.on('response', (answer) => {
        resolve(answer.statusCode ?? 0);
        asked.destroy();
      });
      asked.on('continue', () => reject(new Error('The server asked for the body.')));
      asked.on('error', reject);
      asked.flushHeaders();
    });
    expect(await refused).toBe(413);
  });

  test('other paths are 404, other methods 405', async () => {
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
    const get = await fetch(`${server.url}/invocations`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetch(`${server.url}/ping`, { method: 'POST' })).status).toBe(405);
  });
});

test('names beyond the inputs are dropped with a signature, and refused without one', async () => {
  const [signed, bare] = await Promise.all(
    VARIANTS.map((variant) => serveModel(modelPath('d_mlp_small', variant), { args: ['-w', '1'] })),
  );
  const body = { inputs: { x: [ROW], more: 1 } };
  expect((await signed?.post(body))?.status).toBe(200);
  expect(await bare?.post(body)).toMatchObject({
    status: 400,
    text: expect.stringContaining("extra inputs: ['more']"),
  });
  await Promise.all([signed?.stop(), bare?.stop()]);
});

function sendChunked(url: string, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    for (let at = 0; at < body.length; at += 65_536) sent.write(body.subarray(at, at + 65_536));
    sent.end();
  });
}

/** What a reply is written as: the Accept header, its default, and the table that CSV replies are. */
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelServer, mltrack, modelFolder, modelPath, serveModel } from './model-server.js';
import { echoModel, mapsModel } from './onnx-writer.js';

type Folder = Awaited<ReturnType<typeof modelFolder>>;

interface Reply {
  status: number;
  type: string;
  text: string;
  bytes: Uint8Array;
}

/** Not by `fetch`, which never leaves out an Accept header. */
async function ask(server: ModelServer, accept: string | undefined, body: unknown): Promise<Reply> {
  const headers = { 'content-type': 'application/json', ...(accept !== undefined && { accept }) };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(`${server.url}/invocations`, { method: 'POST', headers }, resolve);
    asked.on('error', reject).end(JSON.stringify(body));
  });
  const bytes = new Uint8Array(await buffer(answer));
  const type = answer.headers['content-type'] ?? '';
  return { status: answer.statusCode ?? 0, type, bytes, text: new TextDecoder().decode(bytes) };
}

const folders: Folder[] = [];
const servers: ModelServer[] = [];
async function serving(model: Uint8Array, env: Record<string, string> = {}): Promise<ModelServer> {
  const folder = await modelFolder({ 'model.onnx': model });
  folders.push(folder);
  const server = await serveModel(folder.path, { args: ['-w', '1'], env });
  servers.push(server);
  return server;
}
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await Promise.all(folders.map((folder) => folder.remove()));
});

const JSON_TYPE = 'application/json';
const CSV = 'text/csv';
const NPY = 'application/x-npy';
const ROWS = {
  inputs: [
    [1, 2],
    [3, 4.5],
  ],
};

describe('the Accept header', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serving(echoModel(['float']));
  });

  test.each([
    [undefined, JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['application/json; charset=utf-8', JSON_TYPE],
    ['text/csv', CSV],
    ['TEXT/CSV', CSV],
    ['text/*', CSV],
    ['application/x-npy', NPY],
    ['text/html, application/xhtml+xml, */*;q=0.8', JSON_TYPE],
    ['application/json;q=0.2, text/csv;q=0.9', CSV],
    ['application/json; q=0, */*', CSV],
    ['text/csv, application/json', CSV],
    ['text/csv, */*', CSV],
    ['application/x-npy;q=0.5, application/*;q=0.4', NPY],
    ['application/xml, application/x-npy;q=0.1', NPY],
  ])('%s: %s', async (accept, type) => {
    expect(await ask(server, accept, ROWS)).toMatchObject({ status: 200, type });
  });

  test.each(['application/xml', 'application/jsonlines', 'application/json;q=0', 'nonsense', 'image/*, text/html'])(
    '%s: 406, naming what there is',
    async (accept) => {
      expect(await ask(server, accept, ROWS)).toMatchObject({
        status: 406,
        type: 'text/plain; charset=utf-8',
        text: `This predictor answers in the following content types: Types: ['application/json', 'text/csv', 'application/x-npy']. Got '${accept}'.`,
      });
    },
  );

  test('an array of one output keeps its shape', async () => {
    const { bytes, text } = await ask(server, NPY, ROWS);
    expect(text.slice(1).trimEnd()).toContain("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }");
    expect([...new Float32Array(bytes.slice(128).buffer)]).toEqual([1, 2, 3, 4.5]);
  });

  test('a refusal is JSON whatever is accepted', async () => {
    expect(await ask(server, CSV, { inputs: [['a']] })).toMatchObject({ status: 400, type: JSON_TYPE });
  });

  test('MLflow 1.x’s frames are answered as asked too', async () => {
    const post = (accept: string) =>
      fetch(`${server.url}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json; format=pandas-split', accept },
        body: JSON.stringify({ columns: ['a', 'b'], data: [[1, 2]] }),
      }).then((answer) => answer.text());
    expect(await post('*/*')).toBe('[[1.0,2.0]]');
    expect(await post(CSV)).toBe('float_out_0,float_out_1\n1.0,2.0\n');
  });
});

describe('the default', () => {
  test('is what the environment says, where the request leaves it open', async () => {
    const server = await serving(echoModel(['float']), { SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT: 'text/csv' });
    for (const accept of [undefined, '*/*', 'application/xml, */*']) {
      expect((await ask(server, accept, ROWS)).type).toBe(CSV);
    }
    expect((await ask(server, 'application/*', ROWS)).type).toBe(JSON_TYPE);
  });

  test('that is no type of ours ends the start', async () => {
    const { code, stderr } = await mltrack(['models', 'serve', '-m', modelPath('d_mlp_small'), '-p', '0'], {
      SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT: 'text/xml',
    });
    expect({ code, lines: stderr.trim().split('\n') }).toEqual({
      code: 1,
      lines: [expect.stringContaining("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT is 'text/xml'")],
    });
  });
});

describe('several outputs', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serving(echoModel(['float', 'int64', 'bool', 'string']));
  });
  const inputs = {
    float: [[null], [-0.5]],
    int64: [
      [1, -2],
      [3, 4],
    ],
    bool: [[true], [false]],
    string: [['a "b", c'], ['é\n']],
  };

  test('are columns of a CSV table, of which wide ones are numbered', async () => {
    const { status, text } = await ask(server, CSV, { inputs });
    expect({ status, text }).toEqual({
      status: 200,
      text: 'float_out,int64_out_0,int64_out_1,bool_out,string_out\n,1,-2,True,"a ""b"", c"\n-0.5,3,4,False,"é\n"\n',
    });
  });

  test('of different lengths make no table: 400', async () => {
    const { status, text } = await ask(server, CSV, { inputs: { ...inputs, float: [[1]] } });
    expect(status).toBe(400);
    expect(JSON.parse(text).message).toContain("'float_out' has 1, 'int64_out' has 2");
  });

  test('are more than one array holds', async () => {
    const { status, text } = await ask(server, NPY, { inputs });
    expect([status, text]).toEqual([406, expect.stringContaining("Types: ['application/json', 'text/csv']. Got")]);
    expect((await ask(server, `${NPY}, ${JSON_TYPE};q=0.5`, { inputs })).type).toBe(JSON_TYPE);
  });
});

test('maps are a column for each key, and a text that is empty is not lost', async () => {
  const server = await serving(mapsModel());
  expect((await ask(server, CSV, ROWS)).text).toBe('p_yes,p_no\n1.0,2.0\n3.0,4.5\n');
  const texts = await serving(echoModel(['string']));
  expect((await ask(texts, CSV, { inputs: [[''], ['a']] })).text).toBe('string_out\n""\na\n');
});

describe('SageMaker’s custom attributes', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serving(echoModel(['float']));
  });
  const NAME = 'X-Amzn-SageMaker-Custom-Attributes';
  const post = async (attributes: string, contentType: string, body: string) => {
    const headers = { 'content-type': contentType, [NAME]: attributes };
    const answer = await fetch(`${server.url}/invocations`, { method: 'POST', headers, body });
    return [answer.status, answer.headers.get(NAME)];
  };

  test('come back as they were sent, with refusals too', async () => {
    const attributes = 'trace-id=1 "a", {b}; ~c';
    expect(await post(attributes, 'application/json', JSON.stringify(ROWS))).toEqual([200, attributes]);
    expect(await post(attributes, 'application/json', '{')).toEqual([400, attributes]);
    expect(await post(attributes, 'text/xml', '{}')).toEqual([415, attributes]);
    expect((await post('x'.repeat(1024), 'application/json', JSON.stringify(ROWS)))[0]).toBe(200);
  });

  test('that are too long, or not ASCII: 400', async () => {
    for (const attributes of ['x'.repeat(1025), 'é']) {
      expect(await post(attributes, 'application/json', JSON.stringify(ROWS))).toEqual([400, null]);
    }
  });
});

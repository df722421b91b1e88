/** `GET /openapi.json`: valid OpenAPI 3.1, whose examples work, and whose schemas hold what is sent and answered. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { MODEL_NAMES, type ModelServer, modelFolder, modelPath, serveModel, VARIANTS } from '../model-server.js';
import { writeModel } from '../onnx-writer.js';

interface Content {
  schema: object;
  examples?: Record<string, { value?: unknown; externalValue?: string; description?: string }>;
}

interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<
    string,
    Record<string, { requestBody?: { content: Record<string, Content> }; responses: Record<string, object> }>
  >;
  components: { schemas: Record<string, object> };
}

async function documentOf(server: ModelServer): Promise<Document> {
  const answer = await fetch(`${server.url}/openapi.json`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  return (await answer.json()) as Document;
}

/** The validator resolves references in what it is given. */
const validity = (document: Document) => new Validator().validate({ ...structuredClone(document) });

const requestsOf = (document: Document) => document.paths['/invocations']?.post?.requestBody?.content ?? {};

/** Asserts that a value fits a schema of the document. */
function fits(document: Document, name: string, value: unknown): void {
  // Formats are for people: that a number fits float is not checked.
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'document');
  const validate = ajv.compile({ $ref: `document#/components/schemas/${name}` });
  expect(validate(value), `${name} ${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`).toBe(true);
}

const SCHEMAS: Record<string, string> = {
  'application/json': 'Invocation',
  'application/json; format=pandas-split': 'DataframeSplit',
  'application/json; format=pandas-records': 'DataframeRecords',
};

/** Posts every example; gives the names of their forms. */
async function postExamples(server: ModelServer, document: Document): Promise<string[]> {
  const forms: string[] = [];
  for (const [type, { examples = {} }] of Object.entries(requestsOf(document))) {
    for (const [form, { value }] of Object.entries(examples)) {
      forms.push(form);
      const { status, text } = await server.post(value, type);
      expect([form, status, status === 200 ? '' : text]).toEqual([form, 200, '']);
      const schema = SCHEMAS[type];
      if (schema) fits(document, schema, value);
      if (!form.startsWith('pandas-')) fits(document, 'Predictions', JSON.parse(text));
    }
  }
  return forms;
}

const FORMS = ['csv', 'dataframe_records', 'dataframe_split', 'inputs', 'instances', 'pandas-records', 'pandas-split'];

/** Outputs that make no table are refused to frames, and CSV has no lists in its cells. */
function isRefused(form: string, name: string, variant: string): boolean {
  const noTable = ['d_bc_mlp', 'd_bc_xgb'].includes(name) || (name === 'd_two_inputs' && variant === 'mlmodel_nosig');
  const noCsv = noTable || ['d_ort_sigmoid', 'd_two_inputs'].includes(name);
  return form === 'csv' ? noCsv : form.startsWith('dataframe') && noTable;
}

describe.each(VARIANTS)('%s', (variant) => {
  test.each(MODEL_NAMES)('%s: the document is valid, and its examples are answered as it says', async (name) => {
    const server = await serveModel(modelPath(name, variant), { args: ['-w', '1'] });
    const document = await documentOf(server);
    expect(await validity(document)).toEqual({ valid: true });
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toMatchObject({ title: variant, version: packageJson.version });
    const forms = await postExamples(server, document);
    expect(forms.sort()).toEqual(FORMS.filter((form) => !isRefused(form, name, variant)));
    await server.stop();
  });
});

test('every path of the document is served, and errors are what it says', async () => {
  const server = await serveModel(modelPath('d_mlp_small'), { args: ['-w', '1'] });
  const document = await documentOf(server);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      const { status } = await fetch(server.url + path, { method });
      expect([path, status, Object.keys(responses)]).toEqual([
        path,
        expect.any(Number),
        expect.arrayContaining([String(status)]),
      ]);
    }
  }
  const refused = await server.post({ inputs: { x: [[1]] } });
  expect(refused.status).toBe(400);
  fits(document, 'Error', JSON.parse(refused.text));
  await server.stop();
});

/** As MLflow writes it for a pandas example of two columns and a parameter. */
const COLUMNS = `flavors: {onnx: {data: model.onnx}}
saved_input_example_info: {artifact_path: input_example.json, serving_input_path: serving_input_example.json}
signature:
  inputs: '[{"type": "double", "name": "length", "required": true}, {"type": "long", "name": "it''s", "required": false}]'
  outputs: null
  params: '[{"name": "top", "type": "long", "default": 3, "shape": null}, {"name": "names", "type": "string", "default": ["a"], "shape": [-1]}]'`;

function columnsModel(example: string) {
  const shape = ['n', 2];
  const model = writeModel({
    nodes: [{ operator: 'Abs', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'int64', shape }],
    outputs: [{ name: 'y', type: 'int64', shape }],
  });
  return modelFolder({ MLmodel: COLUMNS, 'model.onnx': model, 'serving_input_example.json': example });
}

test('columns and parameters of the signature have their names and types, and the input example comes first', async () => {
  const example = { dataframe_split: { columns: ['length', "it's"], data: [[1, -2]] } };
  const folder = await columnsModel(JSON.stringify(example));
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  const document = await documentOf(server);
  expect(await validity(document)).toEqual({ valid: true });
  expect(requestsOf(document)['application/json']?.examples?.dataframe_split).toEqual({ value: example });
  expect(Object.keys(requestsOf(document)['application/json']?.examples ?? {})[0]).toBe('dataframe_split');
  const { DataframeRecords, Invocation } = document.components.schemas;
  expect(DataframeRecords).toMatchObject({
    items: {
      required: ['length'],
      properties: { length: { type: ['number', 'null'] }, "it's": { type: 'integer', format: 'int64' } },
    },
  });
  expect(Invocation).toMatchObject({
    properties: {
      params: {
        required: [],
        properties: {
          top: { type: 'integer', default: 3 },
          names: { type: 'array', items: { type: 'string' }, default: ['a'] },
        },
      },
    },
  });
  expect(await postExamples(server, document)).toContain('csv');
  await server.stop();
  await folder.remove();
});

test('an example with an integer that JSON readers cut is not copied, but named', async () => {
  const folder = await columnsModel('{"inputs": [[9007199254740993, 1]]}');
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  const document = await documentOf(server);
  expect(await validity(document)).toEqual({ valid: true });
  expect(requestsOf(document)['application/json']?.examples?.inputs).toEqual({ externalValue: 'example' });
  expect(await (await fetch(`${server.url}/example`)).text()).toBe('{"inputs": [[9007199254740993, 1]]}');
  await server.stop();
  await folder.remove();
});

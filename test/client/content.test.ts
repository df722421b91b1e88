/** Tables, pictures, text and datasets that a run logs arrive in MLflow's formats. */
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Connection,
  connect,
  type ImageInput,
  type ImageOptions,
  type Run,
  startRun,
  type TableData,
  withRun,
} from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let client: Connection;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
});
afterAll(async () => {
  await Promise.all(opened.map((run) => run.end()));
  await server.stop();
});

const opened: Run[] = [];

/** A run, and what is told of it. */
function begin(runId?: string) {
  const problems: string[] = [];
  const onError = ({ message }: { message: string }) => void problems.push(message);
  const run = startRun({ client, onError, ...(runId !== undefined && { runId }) });
  opened.push(run);
  return { run, problems };
}

async function get(run: Run, path: string) {
  await run.flush();
  return client.artifacts.get((await run.info()).artifact_uri, path);
}
const textOf = async (run: Run, path: string) => (await get(run, path)).text();
const jsonOf = async (run: Run, path: string) => JSON.parse(await textOf(run, path));

async function runOf(run: Run) {
  await run.flush();
  return (await client.getRun({ run_id: await run.id() })).run;
}
const tagOf = async (run: Run, wanted: string) =>
  (await runOf(run)).data.tags?.find(({ key }) => key === wanted)?.value;

async function filesOf(run: Run, path: string) {
  await run.flush();
  const { files = [] } = await client.listArtifacts({ run_id: await run.id(), path });
  return files.map((file) => file.path);
}

describe('a table', () => {
  test('of columns or of rows is split into columns and data, and the run’s tag lists it', async () => {
    const { run } = begin();
    run.logTable({ q: ['a', 'b'], score: Float32Array.of(0.5, Number.NaN) }, 'eval/answers.json');
    run.logTable([{ q: 'c' }, { score: 2n, when: new Date(0) }], 'rows.json');
    run.logTable({ q: 'one', n: 1 }, 'single.json');
    expect(await jsonOf(run, 'eval/answers.json')).toEqual({
      columns: ['q', 'score'],
      data: [
        ['a', 0.5],
        ['b', null],
      ],
    });
    expect(await jsonOf(run, 'rows.json')).toEqual({
      columns: ['q', 'score', 'when'],
      data: [
        ['c', null, null],
        [null, 2, '1970-01-01T00:00:00.000Z'],
      ],
    });
    expect(await jsonOf(run, 'single.json')).toEqual({ columns: ['q', 'n'], data: [['one', 1]] });
    expect(JSON.parse((await tagOf(run, 'mlflow.loggedArtifacts')) ?? '')).toEqual([
      { path: 'eval/answers.json', type: 'table' },
      { path: 'rows.json', type: 'table' },
      { path: 'single.json', type: 'table' },
    ]);
  });

  test('grows with every append, also of calls that nobody waited for and of a run that goes on', async () => {
    const { run } = begin();
    for (const n of [1, 2, 3]) run.logTable({ n: [n] }, 't.json');
    await run.end();
    const { run: again } = begin(await run.id());
    await again.logTable({ n: [4], more: ['x'] }, 't.json');
    expect(await jsonOf(again, 't.json')).toEqual({
      columns: ['n', 'more'],
      data: [
        [1, null],
        [2, null],
        [3, null],
        [4, 'x'],
      ],
    });
    expect(JSON.parse((await tagOf(again, 'mlflow.loggedArtifacts')) ?? '')).toHaveLength(1);
  });

  test('that is none is told of, and the next one is logged', async () => {
    const { run: before } = begin();
    before.logBytes('not a table', 'taken.json');
    await before.end();
    const { run, problems } = begin(await before.id());
    const refused: [TableData, string, RegExp][] = [
      [{ a: [1, 2], b: [1] }, 't.json', /one length: 'b' has 1 values, not 2/],
      [{ a: [1] }, 't.parquet', /ends in \.json/],
      [{ a: [1] }, '../t.json', /relative path/],
      [[1] as unknown as TableData, 't.json', /Row 0/],
      [{ a: [1] }, 'taken.json', /no table/],
    ];
    for (const [data, file, message] of refused) {
      await run.logTable(data, file);
      expect(problems.pop()).toMatch(message);
    }
    run.logTable({ a: [1] }, 't.json');
    expect(await jsonOf(run, 't.json')).toEqual({ columns: ['a'], data: [[1]] });
  });
});

/** Width, height, colour type and pixels of a PNG that uses the filters 0 and 1. */
function readPng(bytes: Buffer) {
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  const [width, height, colour] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[25]];
  const channels = { 0: 1, 2: 3, 6: 4 }[colour ?? 0] ?? 0;
  const length = bytes.readUInt32BE(33);
  const lines = inflateSync(bytes.subarray(41, 41 + length));
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width * channels; x++) {
      const left = x < channels ? 0 : (pixels[y * width * channels + x - channels] ?? 0);
      pixels.push(((lines[y * (width * channels + 1) + 1 + x] ?? 0) + left) & 255);
    }
  }
  return { width, height, channels, pixels };
}

describe('a picture', () => {
  const log = async (image: ImageInput, options: ImageOptions | string) => {
    const { run } = begin();
    run.logImage(image, options);
    return run;
  };
  const read = async (run: Run, path: string) => readPng(Buffer.from(await (await get(run, path)).arrayBuffer()));

  test.each<[string, ImageInput, number, number[]]>([
    ['bytes, grey', { data: Uint8Array.of(0, 50, 100, 255), shape: [2, 2] }, 1, [0, 50, 100, 255]],
    ['fractions', { data: Float32Array.of(0, 0.5, 1, 0), shape: [2, 2, 1] }, 1, [0, 127, 255, 0]],
    ['fractions beyond 1, stretched', { data: [-1, 0.5, 2, 2], dims: [1, 4] }, 1, [0, 127, 255, 255]],
    ['int64, colour', { data: BigInt64Array.of(1n, 2n, 3n), dims: [1, 1, 3] }, 3, [1, 2, 3]],
    [
      'image data',
      { data: Uint8ClampedArray.of(1, 2, 3, 4, 5, 6, 7, 8), width: 2, height: 1 },
      4,
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
  ])('of %s becomes a PNG', async (_, image, channels, pixels) => {
    const run = await log(image, 'plots/a.png');
    expect(await read(run, 'plots/a.png')).toMatchObject({ channels, pixels });
  });

  test('that is encoded stays as it is', async () => {
    const bytes = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3);
    const run = await log(bytes, { file: 'photo.jpg' });
    const stored = await get(run, 'photo.jpg');
    expect(new Uint8Array(await stored.arrayBuffer())).toEqual(bytes);
  });

  test('of a key is named as MLflow names steps, with a small one beside it', async () => {
    const data = Uint8Array.from({ length: 600 * 300 }, (_, at) => (at % 600 < 300 ? 0 : 200));
    const run = await log({ data, shape: [300, 600] }, { key: 'val/left right', step: 7, timestamp: 1234 });
    const [full = '', small = ''] = (await filesOf(run, 'images')).sort((one, other) => one.length - other.length);
    expect(full).toMatch(/^images\/val~left right\+step\+7\+timestamp\+1234\+[0-9a-f-]{36}\.png$/);
    expect(small).toBe(full.replace('.png', '+compressed.webp'));
    expect(await read(run, full)).toMatchObject({ width: 600, height: 300 });
    const thumbnail = await read(run, small);
    expect(thumbnail).toMatchObject({ width: 256, height: 128 });
    expect([thumbnail.pixels[0], thumbnail.pixels[255]]).toEqual([0, 200]);
    expect(await tagOf(run, 'mlflow.loggedImages')).toBe('True');
  });

  test.each<[string, ImageInput, ImageOptions | string, RegExp]>([
    ['text', new TextEncoder().encode('hello'), 'a.png', /neither PNG/],
    ['too few values', { data: [1, 2, 3], shape: [2, 2] }, 'a.png', /3 values, but its shape makes 4/],
    ['two channels', { data: [1, 2], shape: [1, 1, 2] }, 'a.png', /1, 3 or 4 channels/],
    ['numbers above 255', { data: [0, 300], shape: [1, 2] }, 'a.png', /between 0 and 255/],
    ['NaN', { data: Float32Array.of(Number.NaN), shape: [1, 1] }, 'a.png', /finite/],
    ['a key of signs', { data: [1], shape: [1, 1] }, { key: 'a?b' }, /key/],
    ['file and key', { data: [1], shape: [1, 1] }, { key: 'a', file: 'b.png' }, /exactly one/],
  ])('of %s is told of', async (_, image, options, message) => {
    const { run, problems } = begin();
    await run.logImage(image, options);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(await filesOf(run, '')).toEqual([]);
  });
});

test('what makes no picture or file is told of by its name, in one line', async () => {
  const { run, problems } = begin();
  await run.logImage('photo.png' as unknown as ImageInput, 'plots/photo.png');
  await run.logImage({ data: new Float32Array(3), shape: [2, 2] }, { key: 'val', step: 1 });
  await run.logTable(7 as unknown as TableData, 'seven.json');
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  run.logDict(circle, 'circle.json');
  expect(problems).toEqual([
    "The picture 'plots/photo.png' is not logged: The image is neither bytes, a canvas nor pixels with a shape",
    "The picture 'val' is not logged: The image has 3 values, but its shape makes 4",
    "The table 'seven.json' is not logged: A table is columns of values, or a list of rows",
    expect.stringMatching(/^'circle.json' could not be recorded: .*circular.*$/),
  ]);
});

test('a run that fails has the picture that was logged just before', async () => {
  const image = { data: new Uint8Array(256 * 256 * 3).map((_, at) => at % 251), shape: [256, 256, 3] };
  let failed: Run | undefined;
  const failing = withRun({ client }, (run) => {
    failed = run;
    run.logImage(image, 'last.png');
    throw new Error('diverged');
  });
  await expect(failing).rejects.toThrow('diverged');
  expect((await runOf(failed as Run)).info.status).toBe('FAILED');
  expect(await filesOf(failed as Run, '')).toEqual(['last.png']);
});

test('a value is logged as JSON, and as YAML where the name says so', async () => {
  const { run } = begin();
  const value = { name: 'no', size: 3, deep: [{ a: 1.5, b: null }, [], 'x: y'], on: true, small: 1e-7, big: 12n };
  run.logDict(value, 'c.json');
  run.logDict(value, 'dir/c.yaml');
  run.logText('héllo', 't.txt');
  expect(await jsonOf(run, 'c.json')).toEqual({ ...value, big: '12' });
  expect(await textOf(run, 'dir/c.yaml')).toBe(
    `name: "no"
size: 3
deep:
- a: 1.5
  b: null
- []
- "x: y"
"on": true
small: 1.0e-7
big: 12
`,
  );
  expect(await textOf(run, 't.txt')).toBe('héllo');
});

test('a dataset is an input of the run, described by its data', async () => {
  const { run, problems } = begin();
  const data = { x: [1, 2, null], y: [0.5, 1, 2], label: ['a', 'b', 'a'] };
  run.logInput({ name: 'train', data, source: 's3://bucket/train.csv', targets: 'label', context: 'training' });
  run.logInput({ name: 'web', digest: 'v1', source: 'https://example.com/d.csv', tags: { split: 'a' } });
  const logged = (await runOf(run)).inputs?.dataset_inputs ?? [];
  expect(logged).toMatchObject([
    { dataset: { name: 'train', source_type: 's3', source: '{"uri":"s3://bucket/train.csv"}' } },
    { dataset: { name: 'web', digest: 'v1', source_type: 'http', source: '{"url":"https://example.com/d.csv"}' } },
  ]);
  expect(logged[0]?.tags).toEqual([{ key: 'mlflow.data.context', value: 'training' }]);
  expect(logged[0]?.dataset.digest).toMatch(/^[0-9a-f]{8}$/);
  expect(JSON.parse(logged[0]?.dataset.profile ?? '')).toEqual({ num_rows: 3, num_elements: 9 });
  expect(JSON.parse(logged[0]?.dataset.schema ?? '')).toEqual({
    mlflow_colspec: [
      { type: 'long', name: 'x', required: false },
      { type: 'double', name: 'y', required: true },
      { type: 'string', name: 'label', required: true },
    ],
  });
  run.logInput({ name: 'bare' });
  expect(problems.pop()).toMatch(/needs data or a digest/);
  run.logInput({ data, targets: 'z' });
  expect(problems.pop()).toMatch(/no column 'z'/);
});

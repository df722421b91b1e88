/**
 * Requests for the replay, made from the table of endpoints: for each endpoint a good request and what can be wrong with it,
 * field by field. A new endpoint gets its requests with its entry in the table. `$run` and the like stand for ids of a server.
 */
import { type Access, api, type Endpoint, type TypeDoc } from '../../../api/index.js';

export interface Replayed {
  /** The endpoint's name, the field and what is wrong with it. */
  readonly name: string;
  readonly endpoint: string;
  readonly method: string;
  /** From `/api` on, with the query. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

/** Field → JSON text: NaN and integers of 30 digits are texts that no value of ours would give. */
type Fields = Readonly<Record<string, string>>;

const LOCATION = '{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "$experiment"}}';
const TRACE = `{"trace_info": {"trace_id": "tr-$new", "trace_location": ${LOCATION}, "request_time": "2026-01-01T00:00:00Z", "state": "OK"}}`;

/** Good values by the field's name, where its type does not say enough. */
const VALUES: Record<string, string> = {
  run_id: '"$run"',
  source_run_id: '"$run"',
  run_ids: '["$run"]',
  experiment_id: '"$experiment"',
  experiment_ids: '["$experiment"]',
  experiment_name: '"$experimentName"',
  model_id: '"$model"',
  webhook_id: '"$webhook"',
  trace_id: '"$trace"',
  trace_ids: '["$trace"]',
  request_id: '"$trace"',
  request_ids: '["$trace"]',
  trace: TRACE,
  metric_key: '"loss"',
  key: '"tag"',
  tag_key: '"tag"',
  version: '"1"',
  alias: '"champion"',
  stage: '"Staging"',
  source: '"s3://bucket/models/m"',
  max_results: '5',
  url: '"http://127.0.0.1:9/hook"',
  events: '[{"entity": "REGISTERED_MODEL", "action": "CREATED"}]',
  event: '{"entity": "REGISTERED_MODEL", "action": "CREATED"}',
  metrics: '[{"key": "m", "value": 1.5, "timestamp": 7, "step": 1}]',
  params: '[{"key": "p", "value": "1"}]',
  locations: `[${LOCATION}]`,
  tags: '[{"key": "t", "value": "1"}]',
  models: '[{"model_id": "$model", "step": 1}]',
  datasets: '[{"dataset": {"name": "d", "digest": "1", "source_type": "local", "source": "s"}}]',
  model_json: JSON.stringify(
    '{"artifact_path": "m", "flavors": {}, "utc_time_created": "2026-01-01 00:00:00", "run_id": "$run"}',
  ),
};

/** Where a field's name means something else. `$new` is new with each request. */
const EXCEPTIONS: Record<string, Record<string, string>> = {
  createExperiment: { name: '"$new"' },
  updateExperiment: { new_name: '"$new"' },
  createRegisteredModel: { name: '"$new"' },
  renameRegisteredModel: { name: '"$registered"', new_name: '"$new"' },
  createLoggedModel: { name: '"named"' },
  createWebhook: { name: '"hook"' },
  updateWebhook: { name: '"renamed"' },
  createRun: { run_name: '"named"' },
  updateRun: { run_name: '"renamed"' },
  getMetricHistoryBulk: { run_id: '["$run"]' },
};

/** Left out of good requests: other names of a field, and what a plain request does not have. */
const LEFT_OUT = new Set([
  'run_uuid',
  'page_token',
  'filter',
  'order_by',
  'start_step',
  'end_step',
  'stages',
  'run_link',
]);

const TEXTS = [
  '"ünï→🚀"',
  '" "',
  '"a/../b"',
  '"../.."',
  '"/abs"',
  '"a\\u0007b"',
  '"it\'s \\"x\\" %20 <b>"',
  JSON.stringify('x'.repeat(251)),
];
const INTEGERS = [
  ...[
    '"7"',
    '7.0',
    '1.5',
    '"1.0"',
    '"1.5"',
    '1e3',
    '-1',
    '0',
    '2147483648',
    '9007199254740993',
    '"9223372036854775807"',
  ],
  ...[
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '"9223372036854775808"',
    '1e300',
    '"NaN"',
    '" 7"',
    '"0x10"',
    '"1e3"',
  ],
];
const DOUBLES = [
  ...[
    '"NaN"',
    '"Infinity"',
    '"-Infinity"',
    '"nan"',
    '"inf"',
    'NaN',
    'Infinity',
    '-Infinity',
    '"1e5"',
    '"1.5"',
    '" 1"',
    '"0x10"',
  ],
  ...['"1_000"', '1e400', '-0.0', '5e-324', '1.7976931348623157e308', '123456789012345678901234567890'],
];
const BOOLEANS = ['"true"', '"True"', '"yes"', '1', '0', 'false'];
const WRONG = [
  'null',
  '""',
  '5',
  '1.5',
  '"text"',
  'true',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '[{}]',
  '["text"]',
  '[5]',
  '{"a": 1}',
];

/** Below it is what MLflow knows nothing of. */
const OUR_OWN = '/2.0/mltrack/';

/** Every request of the corpus, endpoint by endpoint; `keep` thins out what is wrong with fields. */
export function replayRequests(keep: (name: string) => boolean): Replayed[] {
  return Object.entries(api)
    .filter(([, { path }]) => !path.startsWith(OUR_OWN))
    .toSorted(([, a], [, b]) => ORDER.indexOf(a.access) - ORDER.indexOf(b.access))
    .flatMap(([name, endpoint]) => requestsOf(name, endpoint as Endpoint, keep));
}

/** What lists everything comes first: later one server has things that the other refused. */
const ORDER: readonly Access[] = ['search', 'read', 'write'];

function requestsOf(name: string, endpoint: Endpoint, keep: (name: string) => boolean): Replayed[] {
  const good = goodFields(name, endpoint);
  const found: Replayed[] = [];
  for (const method of endpoint.method) {
    const add = (what: string, fields: Fields) => {
      const request = built(`${name} ${method} ${what}`, name, endpoint, method, fields);
      if (keep(request.name)) found.push(request);
    };
    for (const [field, { type }] of Object.entries(endpoint.request.shape)) {
      const { [field]: value, ...others } = good;
      if (value !== undefined) add(`${field} missing`, others);
      for (const wrong of wrongFor(type.doc, value)) add(`${field}: ${shown(wrong)}`, { ...good, [field]: wrong });
      const camel = field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
      if (camel === field) continue;
      add(`${field} as ${camel}`, { ...others, [camel]: value ?? '"text"' });
      add(`${field} in both spellings`, { ...good, [field]: value ?? '"text"', [camel]: '"other"' });
    }
    found.push(...wholes(name, endpoint, method, good).filter((request) => keep(request.name)));
    found.push(built(`${name} ${method} good`, name, endpoint, method, good));
    found.push(built(`${name} ${method} good again`, name, endpoint, method, good));
  }
  return found;
}

function goodFields(name: string, endpoint: Endpoint): Fields {
  const fields: Record<string, string> = {};
  for (const [field, { type }] of Object.entries(endpoint.request.shape)) {
    if (LEFT_OUT.has(field)) continue;
    const value = EXCEPTIONS[name]?.[field] ?? (field === 'name' ? '"$registered"' : VALUES[field]);
    fields[field] = value ?? plain(type.doc);
  }
  return fields;
}

function plain({ type, enum: names }: TypeDoc): string {
  if (names) return JSON.stringify(names.at(-1));
  const plains: Record<string, string> = {
    string: '"text"',
    integer: '3',
    number: '0.5',
    boolean: 'false',
    array: '[]',
  };
  return plains[type] ?? '{}';
}

function wrongFor(doc: TypeDoc, good: string | undefined): string[] {
  const { type, enum: names, items, message } = doc;
  if (names)
    return [
      ...WRONG,
      ...names.slice(0, 3).map((each) => `"${each}"`),
      `"${names[0]?.toLowerCase()}"`,
      '"1"',
      '1',
      '0',
      '99',
      '-1',
    ];
  if (type === 'string') return [...WRONG, ...TEXTS];
  if (type === 'integer') return [...WRONG, ...INTEGERS];
  if (type === 'number') return [...WRONG, ...DOUBLES];
  if (type === 'boolean') return [...WRONG, ...BOOLEANS];
  if (type === 'array' && items?.message)
    return [...WRONG, ...withinFirst(items, good).map((each) => `[${each}]`), `[${item(good)}, ${item(good)}]`];
  if (type === 'array')
    return [...WRONG, '[1.5]', '[true]', '[""]', '["text", "text"]', '["$run", null]', `[" ${'x'.repeat(300)}"]`];
  return message ? [...WRONG, ...withinFirst(doc, good && `[${good}]`)] : WRONG;
}

/** The first of a list of messages, with something wrong in one field of it. */
function withinFirst({ message }: TypeDoc, good: string | undefined): string[] {
  const first = JSON.parse(item(good) ?? '{}') as Record<string, unknown>;
  const text = (fields: Record<string, string>) =>
    `{${Object.entries(fields)
      .map(([k, v]) => `"${k}": ${v}`)
      .join(', ')}}`;
  const texts = Object.fromEntries(Object.entries(first).map(([key, value]) => [key, JSON.stringify(value)]));
  return Object.entries(message?.shape ?? {}).flatMap(([field, { type }]) => {
    const { [field]: _, ...others } = texts;
    const nested = type.doc.message || type.doc.items?.message;
    const wrong = nested ? WRONG : wrongFor(type.doc, texts[field]);
    return [text(others), ...wrong.map((each) => text({ ...texts, [field]: each }))];
  });
}

const item = (good: string | undefined): string => JSON.stringify((JSON.parse(good ?? '[{}]') as unknown[])[0] ?? {});

/** What is wrong with the whole of a request. */
function wholes(name: string, endpoint: Endpoint, method: string, good: Fields): Replayed[] {
  const path = pathOf(endpoint, good);
  const json = jsonOf(good);
  const whole = (what: string, rest: Partial<Replayed>): Replayed => ({
    name: `${name} ${method} ${what}`,
    endpoint: name,
    method,
    path,
    contentType: 'application/json',
    ...rest,
  });
  const bodies = ['', '{}', '{', 'nonsense', '[]', '[1]', 'null', '5', '"text"', '"{}"', '{"a": NaN}', '\ufeff{}'];
  return [
    ...bodies.map((body) => whole(`body ${body || 'empty'}`, { body })),
    whole('body encoded twice', { body: JSON.stringify(json) }),
    whole('body encoded three times', { body: JSON.stringify(JSON.stringify(json)) }),
    whole('body in JSON', { body: json }),
    whole('an unknown field', { body: json.replace('{', '{"unknown_field": {"a": [1]}, ') }),
    whole('a field twice', { body: json.replace('{', '{"run_id": "x", "name": "x", ') }),
    whole('no content type', { body: json, contentType: '' }),
    whole('text', { body: json, contentType: 'text/plain' }),
    whole('a charset', { body: json, contentType: 'application/json; charset=utf-8' }),
    whole('a content type in capitals', { body: json, contentType: 'Application/JSON' }),
    whole('a content type that begins with it', { body: json, contentType: 'application/jsonx' }),
    whole('a form', { body: 'a=1', contentType: 'application/x-www-form-urlencoded' }),
    whole('a trailing slash', { path: `${path}/`, body: json }),
    whole('two slashes', { path: path.replace('/mlflow/', '/mlflow//'), body: json }),
    whole('another prefix', { path: path.replace('/api/', '/ajax-api/'), body: json }),
    whole('an unknown version', { path: path.replace('/api/2.0/', '/api/9.0/'), body: json }),
    whole('an unknown query', { path: `${path}?unknown=1`, body: json }),
    whole('an unknown path', { path: `${path}x`, body: json }),
    whole('another method', { method: method === 'PUT' ? 'POST' : 'PUT', body: json }),
  ];
}

function built(what: string, name: string, endpoint: Endpoint, method: string, fields: Fields): Replayed {
  const path = pathOf(endpoint, fields);
  const rest = Object.fromEntries(Object.entries(fields).filter(([field]) => !endpoint.path.includes(`{${field}}`)));
  if (method === 'GET') return { name: what, endpoint: name, method, path: path + queryOf(rest) };
  return { name: what, endpoint: name, method, path, body: jsonOf(rest), contentType: 'application/json' };
}

function pathOf({ path }: Endpoint, fields: Fields): string {
  const value = (field: string) => encodeURIComponent(textOf(fields[field] ?? '""')).replaceAll('%24', '$');
  return `/api${path.replace(/\{(\w+)\}/g, (_, field: string) => value(field) || 'missing')}`;
}

const jsonOf = (fields: Fields) =>
  `{${Object.entries(fields)
    .map(([name, text]) => `"${name}": ${text}`)
    .join(', ')}}`;

/** A query has texts: a list is its items, each under the name. */
function queryOf(fields: Fields): string {
  const pairs = Object.entries(fields).flatMap(([name, text]) => {
    const items = /^\[.+\]$/.test(text) ? (JSON.parse(text) as unknown[]).map((each) => JSON.stringify(each)) : [text];
    return items.map((each) => `${name}=${encodeURIComponent(textOf(each)).replaceAll('%24', '$')}`);
  });
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

const textOf = (json: string): string => (json.startsWith('"') ? (JSON.parse(json) as string) : json);

const shown = (text: string) => (text.length > 80 ? `${text.slice(0, 40)}… of ${text.length}` : text);

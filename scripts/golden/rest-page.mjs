/** docs/rest.md: every endpoint with its fields, from the tables in api/. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runnerImport } from 'vite';
import { nodeBuild } from '../build.mjs';
import { root } from '../prepare.mjs';
import { otherRoutes } from './other-routes.mjs';

const folder = join(root, 'api');
const settings = { configFile: false, define: nodeBuild.define };
const load = async (file) => (await runnerImport(join(folder, file), settings)).module;

const isTable = (value) =>
  typeof value === 'object' && value !== null && Object.values(value).every((each) => each?.path && each?.request);

/** The tables by the resource that their file is about, in the order of the whole. */
async function resources(order) {
  const found = [];
  for (const file of readdirSync(folder, { recursive: true }).filter(
    (name) => name.endsWith('.ts') && name !== 'index.ts',
  )) {
    for (const table of Object.values(await load(file)).filter(isTable)) {
      const about = /^\/\*\*\s*([\s\S]*?)\s*\*\//.exec(readFileSync(join(folder, file), 'utf8'))?.[1] ?? '';
      found.push({ title: basename(file, '.ts').replaceAll('-', ' '), about: about.replace(/\n \* ?/g, ' '), table });
    }
  }
  const place = ({ table }) => order.indexOf(Object.keys(table)[0]);
  return found.filter((each) => place(each) >= 0).sort((a, b) => place(a) - place(b));
}

/** A type in words; messages of its own go to `seen`, to be described once. */
function typeName(doc, seen) {
  if (doc.items) return `list of ${typeName(doc.items, seen)}`;
  if (doc.enum) return doc.enum.map((name) => `\`${name}\``).join(', ');
  if (!doc.message) return doc.format ?? doc.type;
  seen.add(doc.message);
  return `[${doc.message.name}](#${doc.message.name.toLowerCase()})`;
}

function fieldTable(message, seen) {
  const rows = Object.entries(message.shape).map(([name, field]) => {
    const presence = field.presence === 'required' ? 'yes' : '';
    return `| \`${name}\` | ${typeName(field.type.doc, seen)} | ${presence} | ${(field.note ?? '').replaceAll('|', '\\|')} |`;
  });
  return ['| Field | Type | Required | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const hasFields = (message) => Object.keys(message.shape).length > 0;

function endpointSection([name, endpoint], seen) {
  const calls = endpoint.method.map((method) => `\`${method} ${endpoint.path}\``).join(' or ');
  const request = hasFields(endpoint.request) ? `\n\nRequest:\n\n${fieldTable(endpoint.request, seen)}` : '';
  const response = hasFields(endpoint.response)
    ? `\n\nResponse:\n\n${fieldTable(endpoint.response, seen).replaceAll('| Required |', '| Always |')}`
    : '\n\nResponse: `{}`';
  return `### ${name}\n\n${calls}\n\n${endpoint.doc}${request}${response}\n`;
}

/** Every message that the endpoints' fields name, and those that these name. */
function messageSections(seen) {
  const sections = [];
  for (const message of seen) {
    sections.push([message.name, `### ${message.name}\n\n${fieldTable(message, seen)}\n`]);
  }
  return sections.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
}

export async function restPage() {
  const { api, API_PREFIXES, STATUS_OF_ERROR } = await load('index.ts');
  const seen = new Set();
  const parts = [
    `# The REST API

Written by \`npm run golden\` from the tables in \`api/\`. Every path is served below ${API_PREFIXES.map((prefix) => `\`${prefix}\``).join(' and ')}.
A GET takes its fields as query parameters (a list repeats its name), \`{name}\` in a path is a field of the request, everything
else takes a JSON body. int64 may be sent as a number or a string; doubles also as \`"NaN"\`, \`"Infinity"\`, \`"-Infinity"\`.
`,
  ];
  for (const { title, about, table } of await resources(Object.keys(api))) {
    parts.push(`## ${title[0].toUpperCase()}${title.slice(1)}\n\n${about}\n`);
    for (const entry of Object.entries(table)) parts.push(endpointSection(entry, seen));
  }
  parts.push(otherRoutes, '## Messages\n', ...messageSections(seen));
  const errors = Object.entries(STATUS_OF_ERROR).map(([code, status]) => `| \`${code}\` | ${status} |`);
  parts.push(`## Errors

The body of every answer but 200 is \`{"error_code": …, "message": …}\`.

| Code | Status |
| --- | --- |
${errors.join('\n')}
`);
  return parts.join('\n');
}

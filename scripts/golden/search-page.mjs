/** docs/search.md: the language of filters and orders, from the columns in server/search/. Every example is compiled. */
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { nodeBuild } from '../build.mjs';
import { root } from '../prepare.mjs';

const settings = { configFile: false, define: nodeBuild.define };
const load = async (file) => (await runnerImport(join(root, 'server/search', file), settings)).module;

/** What each noun's filters look like: text, and what it finds. */
const EXAMPLES = {
  runs: [
    ["metrics.loss < 0.1 AND params.optimizer = 'adam'", 'good runs of one optimizer'],
    ["tags.`mlflow.parentRunId` = '8f3c…'", 'the children of a run'],
    ["attributes.run_name ILIKE '%resnet%' AND status = 'FINISHED'", 'by name, in any case'],
    [
      'metrics.`val/loss` <= 0.5 OR metrics."val-acc" > 0.9',
      'keys with other characters than letters, digits and _ are quoted',
    ],
    ["run_id IN ('a1b2', 'c3d4')", 'a list of runs'],
    ["NOT tags.team = 'nlp'", "also runs without the tag, unlike `tags.team != 'nlp'`"],
    ['params.seed IS NULL', 'runs that did not log the param'],
    ['number(params.lr) >= 0.001 AND number(params.lr) < 0.1', 'a param compared as a number'],
    ['min(metrics.loss) < 0.1 AND last_step(metrics.loss) > 1000', 'over the whole history of a metric'],
    ["datasets.name = 'mnist' AND datasets.context = 'train'", 'by input'],
  ],
  experiments: [
    ["name LIKE 'vision/%' AND tags.team = 'cv'", 'by name and tag'],
    ['creation_time > 1767225600000', 'made since a time'],
  ],
  'registered models': [["name ILIKE '%bert%' AND tags.stage != 'dead'", 'by name and tag']],
  'model versions': [
    ["name = 'bert' AND version_number >= 3", 'the later versions of a model'],
    ["run_id IN ('a1b2', 'c3d4')", 'of some runs'],
  ],
  'logged models': [
    ["metrics.accuracy > 0.9 AND params.lr = 0.01 AND model_type = 'agent'", 'values may be written without quotes'],
  ],
  traces: [
    ["status = 'ERROR' AND timestamp_ms > 1767225600000", 'what failed since a time'],
    ["name = 'answer' AND execution_time_ms > 1000", 'by name, which is the tag `mlflow.traceName`'],
    ["run_id = 'a1b2'", 'made by a run, or linked to it'],
    ["tags.reviewed IS NULL AND metadata.`mlflow.trace.session` = 's1'", 'of a session, without a tag'],
  ],
};

const code = (text) => `\`${text}\``;
const cell = (text) => text.replaceAll('|', '\\|');
/** Code with backticks inside. */
const quoted = (text) => (text.includes('`') ? `\`\` ${text} \`\`` : code(text));

function attributeTable(noun, { comparatorsOf }) {
  const rows = Object.entries(noun.attributes).map(([key, { aliases = [], type, filter, order, note }]) => {
    const comparators = filter === false ? '' : comparatorsOf(noun, { entity: 'attribute', key }).map(code).join(' ');
    const names = [key, ...aliases].map(code).join(', ');
    return `| ${names} | ${type} | ${comparators} | ${order === false ? '' : 'yes'} | ${cell(note)} |`;
  });
  return ['| Attribute | Type | Comparators | Orders | |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function entityTable(noun, { comparatorsOf }) {
  const rows = Object.entries(noun.entities)
    .filter(([entity]) => entity !== 'attribute')
    .map(([entity, spellings]) => {
      const keys =
        entity === 'dataset'
          ? Object.keys(noun.dataset.columns).map((key) => `${spellings[0]}.${key}`)
          : [`${spellings[0]}.KEY`];
      const comparators = comparatorsOf(noun, { entity, key: '' }).map(code).join(' ');
      return `| ${keys.map(code).join(', ')} | ${spellings.slice(1).map(code).join(', ')} | ${comparators} |`;
    });
  return ['| Key | Other prefixes | Comparators |', '| --- | --- | --- |', ...rows].join('\n');
}

function section(noun, modules) {
  const { readFilter } = modules;
  const examples = EXAMPLES[noun.name].map(([filter, meaning]) => {
    readFilter(noun, filter);
    return `| ${cell(quoted(filter))} | ${meaning} |`;
  });
  const order =
    noun.defaultOrder.length > 0
      ? noun.defaultOrder.join(', ')
      : noun.tieBreak.map(({ key, descending }) => `${key}${descending ? ' DESC' : ''}`).join(', ');
  const prefixes = noun.entities.attribute.map((each) => (each === 'no prefix' ? 'without one' : code(`${each}.`)));
  return `## ${noun.name[0].toUpperCase()}${noun.name.slice(1)}

${attributeTable(noun, modules)}

Prefixes of attributes: ${prefixes.join(', ')}. Default order: ${code(order)}.

${entityTable(noun, modules)}

| Example | |
| --- | --- |
${examples.join('\n')}
`;
}

export async function searchPage() {
  const modules = { ...(await load('columns.ts')), ...(await load('compile.ts')) };
  const { AGGREGATES } = await load('aggregates.ts');
  const nouns = [
    (await load('runs.ts')).runColumns,
    (await load('experiments.ts')).experimentColumns,
    ...(({ registeredModelColumns, modelVersionColumns }) => [registeredModelColumns, modelVersionColumns])(
      await load('registry.ts'),
    ),
    (await load('logged-models.ts')).loggedModelColumns,
    (await load('traces.ts')).traceColumns,
  ];
  const aggregates = Object.entries(AGGREGATES).map(
    ([name, { note }]) => `| ${code(`${name}(metrics.KEY)`)} | ${note} |`,
  );
  return `# Searching

Written by \`npm run golden\` from the columns in \`server/search/\`. The language is MLflow's, in filters and in \`order_by\`; what goes beyond
it is said below.

## Filters

Comparisons \`NAME OPERATOR VALUE\` with \`AND\` between them, keywords in any case. Beyond MLflow: \`OR\`, \`NOT\` and parentheses; \`AND\` binds
closer than \`OR\`.

* A name is \`prefix.KEY\`, or an attribute alone. A key with other characters than letters, digits, \`_\` and \`.\` is put in backticks or
  double quotes.
* A text is put in single or double quotes; inside, the quote itself is doubled. A number is written as it is.
* \`LIKE\` minds the case, \`ILIKE\` does not (of ASCII letters); \`%\` stands for any text and \`_\` for one character.
* A comparison with a metric, param or tag that is not there is false, \`!=\` too. \`NOT\` turns that around.
* NaN differs from every number: \`!=\` is true of it and all else false.
* \`IN\` and \`NOT IN\` take a list: \`('a', 'b')\`.

A filter may have 250 comparisons.

## Orders

\`order_by\` is a list of \`NAME\`, \`NAME ASC\` or \`NAME DESC\`. What has no value comes last in both directions, NaN before it. The default
order's keys follow, so that the order is total. A page token is the place of the page's last row: runs that come or go meanwhile neither
repeat nor hide others. It belongs to one \`order_by\`.

## Aggregates of metrics

\`metrics.KEY\` is the latest value: of the greatest step, then time. These look at the whole history, in filters and orders of runs:

| Function | |
| --- | --- |
${aggregates.join('\n')}

## Params as numbers

Params and tags of runs are texts, and so are they compared. \`number(params.KEY)\` is the number that such a text is, for \`>\`, \`>=\`, \`!=\`, \`=\`,
\`<\` and \`<=\` with a number: \`number(params.lr) > 0.01\`. A text that is no number, such as \`None\`, makes the comparison false, and
in an order comes last: \`number(params.lr) DESC\`.

${nouns.map((noun) => section(noun, modules)).join('\n')}
Prompts are left out of registered models and model versions unless the filter has \`\` tags.\`mlflow.prompt.is_prompt\` = 'true' \`\`.
Logged models are ordered by \`order_by\` objects: \`field_name\` is an attribute or \`metrics.KEY\`, \`dataset_name\` and \`dataset_digest\` say which
metrics count; so do \`datasets\` for the filter.
`;
}

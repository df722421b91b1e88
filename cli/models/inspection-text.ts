/** A model's inspection as aligned tables for a terminal. */
import type { Inspection } from '../../packager/index.js';
import { aligned } from '../table.js';

type Row = readonly string[];

/** `colored`: headings stand out by terminal codes. */
export function inspectionText(inspection: Inspection, colored: boolean): string {
  const heading = (title: string) => (colored ? `\x1b[1m${title}\x1b[0m` : title);
  const sections = sectionsOf(inspection).filter(([, rows]) => rows.length > 0);
  return sections
    .map(([title, rows]) => [heading(title), ...aligned(rows).map((line) => `  ${line}`)].join('\n'))
    .join('\n\n');
}

function sectionsOf(inspection: Inspection): (readonly [title: string, rows: readonly Row[]])[] {
  const { inputs, outputs, operators, signature, providers } = inspection;
  return [
    ['Model', aboutRows(inspection)],
    ['Files', inspection.files.map(({ name, bytes }) => [name, bytes === null ? 'missing' : bytesText(bytes)])],
    ['Inputs', inputs.map(({ name, type, shape }) => [name, type, shapeText(shape)])],
    [
      'Outputs',
      outputs.map(({ name, type, shape, labels }) => [name, type, labels ? labels.join(', ') : shapeText(shape)]),
    ],
    ['Signature inputs', signature?.inputs.map(specRow) ?? []],
    ['Signature outputs', signature?.outputs.map(specRow) ?? []],
    [
      'Signature parameters',
      signature?.params.map(({ name, type, default: value }) => [name, type, `default ${JSON.stringify(value)}`]) ?? [],
    ],
    ['Operators', operators.map(({ name, count }) => [name, String(count)])],
    ['Execution providers', providers.map(({ name, runs, reason }) => [name, verdict(runs, reason)])],
  ];
}

function aboutRows({
  model,
  flavors,
  irVersion,
  opsets,
  producer,
  parameters,
  signature,
  batching,
}: Inspection): Row[] {
  const { count, bytes } = parameters;
  return [
    ['URI', model],
    ['Flavours', flavors.join(', ') || 'none: an ONNX file'],
    [
      'ONNX',
      `IR version ${irVersion}, opset ${opsets.map(({ domain, version }) => `${domain} ${version}`).join(', ')}`,
    ],
    ['Producer', producer || 'not known'],
    ['Parameters', `${count.toLocaleString('en')} in initializers (${bytesText(bytes)})`],
    ...(signature ? [] : [['Signature', 'none']]),
    ...(batching ? [['Requests', `${batching.on ? 'share runs' : 'run one by one'}: ${batching.reason}`]] : []),
  ];
}

type Spec = NonNullable<Inspection['signature']>['inputs'][number];

const specRow = ({ name, kind, type, shape, required }: Spec): Row => [
  name ?? '(no name)',
  type,
  kind === 'tensor' ? shapeText(shape) : required ? 'column' : 'column, optional',
];

function verdict(runs: boolean | null, reason?: string): string {
  const short = runs === null ? (reason === undefined ? 'in this build, not tried' : 'loads the model') : undefined;
  const told = short ?? (runs ? 'runs the model' : 'does not run the model');
  return reason === undefined ? told : `${told}: ${reason}`;
}

/** As Python writes a shape. */
function shapeText(shape: readonly (number | string)[] | undefined): string {
  if (!shape) return 'any shape';
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

function bytesText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}

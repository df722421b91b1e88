/** `mltrack sagemaker describe`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { EndpointDescription, VariantDescription } from '../../packager/index.js';
import { APP_NAME, DRY_RUN, JSON_RESULT, REGION_NAME } from './flags.js';
import { runVerb } from './interruptible.js';

interface Args {
  appName: string;
  regionName: string | undefined;
  dryRun: boolean;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('app-name', APP_NAME)
    .option('region-name', REGION_NAME)
    .option('dry-run', DRY_RUN)
    .option('json', JSON_RESULT) as unknown as Argv<Args>;
}

function textOf(endpoint: EndpointDescription): string {
  const { name, status, failureReason, created, modified, arn, config, variants } = endpoint;
  const lines = [
    `${name}: ${status}${failureReason === null ? '' : ` (${failureReason})`}`,
    `  created   ${created}`,
    `  modified  ${modified}`,
    `  arn       ${arn}`,
    `  config    ${config}`,
    ...variants.flatMap(variantLines),
  ];
  return lines.join('\n');
}

function variantLines({ name, weight, instances, serverless, model }: VariantDescription): string[] {
  const runsOn = instances
    ? `${instances.now ?? 0} of ${instances.wanted ?? 0} ${instances.type}`
    : `serverless, ${serverless?.memoryMB} MB, ${serverless?.concurrency} at once`;
  return [
    `  variant   ${name}: weight ${weight}, ${runsOn}`,
    `    model   ${model ? (model.modelUri ?? model.name) : 'removed'}`,
    ...(model ? [`    image   ${model.image}`, `    data    ${model.modelDataUrl}`] : []),
  ];
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { appName, regionName: region, json } = args;
  const packager = await import('../../packager/index.js');
  await runVerb(
    args,
    (talk) => packager.describeEndpoint(appName, { region, ...talk }),
    (found) => console.log(json ? JSON.stringify(found) : textOf(found)),
  );
}

export const describe: CommandModule<object, Args> = {
  command: 'describe',
  describe: 'State, variants, models and images of an endpoint',
  builder: options,
  handler: run,
};

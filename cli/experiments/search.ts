/** `mltrack experiments search`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { headed } from '../table.js';
import { JSON_RESULT, onServer, pagesOf, VIEW, viewOf } from '../tracking-server.js';

interface Args {
  view: string;
  maxResults: number | undefined;
  json: boolean;
}

const PAGE = 1000;

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('view', VIEW)
    .option('max-results', { type: 'number', defaultDescription: 'all', describe: 'How many at most' })
    .option('json', JSON_RESULT) as unknown as Argv<Args>;
}

async function run({ view, maxResults, json }: ArgumentsCamelCase<Args>): Promise<void> {
  if (maxResults !== undefined && !(Number.isInteger(maxResults) && maxResults >= 0)) {
    throw new CommandError('--max-results must be a non-negative integer');
  }
  const view_type = viewOf(view);
  const found = await onServer((client) =>
    pagesOf(async (token) => {
      const { experiments, next_page_token } = await client.searchExperiments({
        view_type,
        max_results: Math.min(maxResults || PAGE, PAGE),
        ...token,
      });
      return { items: experiments, next: next_page_token };
    }, maxResults),
  );
  if (json) return console.log(JSON.stringify(found));
  const rows = found
    .sort((a, b) => Number(a.experiment_id) - Number(b.experiment_id))
    .map(({ experiment_id, name, artifact_location }) => [experiment_id, name, artifact_location]);
  console.log(headed(['Experiment Id', 'Name', 'Artifact Location'], rows));
}

export const search: CommandModule<object, Args> = {
  command: 'search',
  aliases: ['list'],
  describe: 'List experiments',
  builder: options,
  handler: run,
};

/** `mltrack tokens`: what a script sends in place of its user's password (MLFLOW_TRACKING_TOKEN). */
import type { Argv, CommandModule } from 'yargs';
import { atServer, type TrackingArgs, withTrackingUri } from '../tracking-server.js';

const DAY = 24 * 60 * 60_000;

interface CreateArgs extends TrackingArgs {
  name: string;
  expiresIn: number | undefined;
}

const create: CommandModule<object, CreateArgs> = {
  command: 'create <name>',
  describe: 'Create a token and print it: it is not shown again',
  builder: (yargs) =>
    withTrackingUri(yargs)
      .positional('name', { type: 'string', demandOption: true, describe: 'What the token is for' })
      .option('expires-in', {
        type: 'number',
        describe: 'Days until it expires; default never',
      }) as unknown as Argv<CreateArgs>,
  handler: (args) =>
    atServer(args, async (server) => {
      const { name, expiresIn } = args;
      const expires = expiresIn === undefined ? {} : { expiration_time: Math.round(Date.now() + expiresIn * DAY) };
      console.log((await server.createToken({ name, ...expires })).secret);
    }),
};

const list: CommandModule<object, TrackingArgs> = {
  command: 'list',
  describe: 'List your tokens: id, name, creation and expiry',
  builder: withTrackingUri,
  handler: (args) =>
    atServer(args, async (server) => {
      for (const { token_id, name, creation_time, expiration_time } of (await server.listTokens({})).tokens) {
        const expires = expiration_time === undefined ? 'never' : new Date(expiration_time).toISOString();
        console.log([token_id, name, new Date(creation_time).toISOString(), expires].join('\t'));
      }
    }),
};

interface RevokeArgs extends TrackingArgs {
  id: number;
}

const revoke: CommandModule<object, RevokeArgs> = {
  command: 'revoke <id>',
  describe: 'End one of your tokens at once',
  builder: (yargs) =>
    withTrackingUri(yargs).positional('id', {
      type: 'number',
      demandOption: true,
      describe: 'Its id',
    }) as Argv<RevokeArgs>,
  handler: (args) =>
    atServer(args, async (server) => {
      await server.revokeToken({ token_id: args.id });
      console.log(`Revoked token ${args.id}`);
    }),
};

export const tokens: CommandModule = {
  command: 'tokens <command>',
  describe: 'Your tokens at a tracking server',
  builder: (yargs) =>
    yargs.command(create).command(list).command(revoke).demandCommand(1, 'Say what to do with tokens.'),
  handler: () => {},
};

/** `mltrack users`: who may sign in at a tracking server, and what they may do. */
import { createInterface } from 'node:readline/promises';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { PERMISSION, type Permission } from '../../api/index.js';
import { CommandError } from '../failure.js';
import { atServer, type TrackingArgs, withTrackingUri } from '../tracking-server.js';

interface UserArgs extends TrackingArgs {
  username: string;
}

const named = (yargs: Argv): Argv<UserArgs> =>
  withTrackingUri(yargs.positional('username', { type: 'string', demandOption: true, describe: 'The user' }));

const create: CommandModule<object, UserArgs & { admin: boolean }> = {
  command: 'create <username>',
  describe: 'Create a user; the password is read from stdin',
  builder: (yargs) => named(yargs).option('admin', { type: 'boolean', default: false, describe: 'Make it an admin' }),
  handler: (args) =>
    atServer(args, async (server) => {
      const { username } = args;
      const { user } = await server.createUser({ username, password: await readPassword() });
      if (args.admin) await server.updateUserAdmin({ username, is_admin: true });
      console.log(`Created ${args.admin ? 'admin' : 'user'} ${user.username}`);
    }),
};

const list: CommandModule<object, TrackingArgs> = {
  command: 'list',
  describe: 'List the users',
  builder: withTrackingUri,
  handler: (args) =>
    atServer(args, async (server) => {
      const { users } = await server.listUsers({});
      for (const { username, is_admin } of users) console.log(`${username}${is_admin ? '\tadmin' : ''}`);
    }),
};

const setPassword: CommandModule<object, UserArgs> = {
  command: 'set-password <username>',
  describe: 'Set another user’s password, which is read from stdin',
  builder: named,
  handler: (args) =>
    atServer(args, async (server) => {
      await server.updateUserPassword({ username: args.username, password: await readPassword() });
      console.log(`Changed the password of ${args.username}`);
    }),
};

const setAdmin: CommandModule<object, UserArgs & { admin: boolean }> = {
  command: 'set-admin <username>',
  describe: 'Make a user an admin, or with --no-admin no longer',
  builder: (yargs) => named(yargs).option('admin', { type: 'boolean', default: true, describe: 'What to make it' }),
  handler: (args) =>
    atServer(args, async (server) => {
      await server.updateUserAdmin({ username: args.username, is_admin: args.admin });
      console.log(`${args.username} is ${args.admin ? 'an' : 'no'} admin`);
    }),
};

const remove: CommandModule<object, UserArgs> = {
  command: 'delete <username>',
  describe: 'Delete a user, with all permissions and tokens',
  builder: named,
  handler: (args) =>
    atServer(args, async (server) => {
      await server.deleteUser({ username: args.username });
      console.log(`Deleted ${args.username}`);
    }),
};

interface GrantArgs extends UserArgs {
  experiment: string | undefined;
  model: string | undefined;
  permission: Permission;
}

const grant: CommandModule<object, GrantArgs> = {
  command: 'grant <username>',
  describe: 'Set what a user may do with an experiment or a registered model',
  builder: (yargs) =>
    named(yargs)
      .option('experiment', { type: 'string', describe: 'Id of the experiment' })
      .option('model', { type: 'string', describe: 'Name of the registered model' })
      .option('permission', {
        choices: Object.keys(PERMISSION) as Permission[],
        demandOption: true,
        describe: 'What the user may do',
      }) as unknown as Argv<GrantArgs>,
  handler: (args: ArgumentsCamelCase<GrantArgs>) =>
    atServer(args, async (server) => {
      const { username, experiment, model, permission } = args;
      const resource_id = experiment ?? model;
      if (resource_id === undefined || (experiment !== undefined && model !== undefined)) {
        throw new CommandError('Give --experiment or --model.');
      }
      const resource_type = experiment === undefined ? 'registered_model' : 'experiment';
      await server.grantUserPermission({ username, resource_type, resource_id, permission });
      console.log(`${username} has ${permission} on ${resource_type.replace('_', ' ')} ${resource_id}`);
    }),
};

/** One line of stdin: an argument would be seen by everybody on the machine. */
async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password: ');
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    if (line !== '') return line;
  }
  throw new CommandError('The password is read from stdin, which had none.');
}

export const users: CommandModule = {
  command: 'users <command>',
  describe: 'Users of a tracking server, and their permissions',
  builder: (yargs) =>
    yargs
      .command(create)
      .command(list)
      .command(setPassword)
      .command(setAdmin)
      .command(remove)
      .command(grant)
      .demandCommand(1, 'Say what to do with users.'),
  handler: () => {},
};

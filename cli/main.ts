/** The `mltrack` command: one module per noun, loaded when its command runs. */
import { runCommandLine } from './command-line.js';
import { db } from './db.js';
import { gc } from './gc.js';
import { models } from './models.js';
import { sagemaker } from './sagemaker.js';
import { server } from './server.js';
import { tokens } from './tokens.js';
import { users } from './users.js';

await runCommandLine((yargs) =>
  yargs.command(server).command(db).command(gc).command(models).command(sagemaker).command(users).command(tokens),
);

/** The `mltrack` command: one module per noun, loaded when its command runs. */

import { tokens } from './access/tokens.js';
import { users } from './access/users.js';
import { artifacts } from './artifacts.js';
import { runCommandLine } from './command-line.js';
import { db } from './db.js';
import { doctor } from './doctor.js';
import { experiments } from './experiments.js';
import { gc } from './gc.js';
import { importRuns } from './import/index.js';
import { models } from './models.js';
import { sync } from './runs/sync.js';
import { runs } from './runs.js';
import { sagemaker } from './sagemaker.js';
import { server } from './server.js';

await runCommandLine((yargs) =>
  yargs
    .command(server)
    .command(experiments)
    .command(runs)
    .command(artifacts)
    .command(sync)
    .command(db)
    .command(importRuns)
    .command(gc)
    .command(doctor)
    .command(models)
    .command(sagemaker)
    .command(users)
    .command(tokens),
);

/** `mltrack models`: what can be done with a run's ONNX model. */
import type { CommandModule } from 'yargs';
import { inspect } from './models/inspect.js';
import { predict } from './models/predict.js';
import { serve } from './models/serve.js';

export const models: CommandModule = {
  command: 'models <command>',
  describe: 'Serve, run and look at models',
  builder: (yargs) =>
    yargs.command(serve).command(predict).command(inspect).demandCommand(1, 'Say what to do with models.'),
  handler: () => {},
};

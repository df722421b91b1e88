/** `mltrack sagemaker`: from a model to an endpoint of Amazon SageMaker. */
import type { CommandModule } from 'yargs';
import { buildAndPush } from './sagemaker/build-and-push.js';

export const sagemaker: CommandModule = {
  command: 'sagemaker <command>',
  describe: 'Models on Amazon SageMaker',
  builder: (yargs) => yargs.command(buildAndPush).demandCommand(1, 'Say what to do with SageMaker.'),
  handler: () => {},
};

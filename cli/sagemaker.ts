/** `mltrack sagemaker`: a model on Amazon SageMaker, from its deployment to its removal. */
import type { CommandModule } from 'yargs';
import { buildAndPush } from './sagemaker/build-and-push.js';
import { deleteApp } from './sagemaker/delete.js';
import { deploy, update } from './sagemaker/deploy.js';
import { describe } from './sagemaker/describe.js';
import { invoke } from './sagemaker/invoke.js';
import { list } from './sagemaker/list.js';
import { pushModel } from './sagemaker/push-model.js';
import { runLocal } from './sagemaker/run-local.js';

export const sagemaker: CommandModule = {
  command: 'sagemaker <command>',
  describe: 'Models on Amazon SageMaker: image, endpoint, predictions',
  builder: (yargs) =>
    yargs
      .command(buildAndPush)
      .command(runLocal)
      .command(deploy)
      .command(update)
      .command(invoke)
      .command(list)
      .command(describe)
      .command(deleteApp)
      .command(pushModel)
      .demandCommand(1, 'Say what to do with SageMaker.'),
  handler: () => {},
};

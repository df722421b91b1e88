/** `mltrack models`: serve a run's ONNX model. */
import type { CommandModule } from 'yargs';

export const models: CommandModule = {
  command: 'models <command>',
  describe: 'Serve models',
  handler: () => {},
};

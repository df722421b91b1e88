/** What an image runs: SageMaker's contract for containers (https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html). */
import { existsSync } from 'node:fs';
import { VERSION } from '../../api/version.js';
import { isMultiModel, numberFrom } from '../serving/environment.js';
import { type Serving, serve } from '../serving/serve.js';

/** Where SageMaker mounts the model, or an image has it; elsewhere on a machine that is no container, as SageMaker's toolkits have it. */
const MODEL = `${process.env.SAGEMAKER_BASE_DIR || '/opt/ml'}/model`;
const HOST = process.env.MLTRACK_HOST || '0.0.0.0';
const PORT = 8080;

async function serveModel(): Promise<void> {
  let serving: Serving | undefined;
  const end = async () => {
    await serving?.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
  // A multi-model endpoint names its models later.
  const modelUri = isMultiModel(process.env) && !existsSync(`${MODEL}/MLmodel`) ? undefined : MODEL;
  const port = numberFrom(process.env, 'port') ?? PORT;
  serving = await serve({ modelUri, host: HOST, port, name: 'model', version: VERSION });
  console.error(`mltrack: serving ${modelUri ?? 'models'} at ${serving.url}`);
}

/** The first argument, as SageMaker names what a container is to do. */
const task = process.argv[2] ?? 'serve';
if (task === 'serve') {
  await serveModel().catch((error: Error) => {
    console.error(`mltrack: ${error.message}`);
    process.exit(1);
  });
} else {
  const known = task === 'train' || task === 'process';
  console.error(
    `mltrack: ${known ? `${task} is not in this image yet` : `'${task}' is unknown`}: it understands serve`,
  );
  process.exit(2);
}

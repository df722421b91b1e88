/** A server with the runs that the UI's tests look at, written by the client. */
import { type Connection, connect, type Run, startRun } from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';

export const HOSTILE = '<b id="pwned">bold</b><img src=x onerror="document.title=1">';
export const LONG = `${'a-very-long-name-that-goes-on-'.repeat(7)}end`;
export const NOTES = 'line one\nline two ünïcode\n';

/** A red picture of 2 by 2 pixels. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==',
  'base64',
);

export interface FilledServer {
  server: TestServer;
  client: Connection;
  /** The experiment "sweep" of three runs: "first" and "second" finished, "third" failed. */
  sweep: string;
  first: string;
  /** An experiment without runs. */
  empty: string;
  /** The experiment of a run with a hostile name and one with a long name. */
  odd: string;
  hostile: string;
  long: string;
}

export async function startFilledServer(): Promise<FilledServer> {
  const server = await startServer();
  const client = connect(server.url);
  const first = await (await fillSweep(client)).info();
  const { experiment_id: empty } = await client.createExperiment({ name: 'nothing in it' });
  const { experiment_id: odd } = await client.createExperiment({ name: `odd ${HOSTILE}` });
  return {
    server,
    client,
    sweep: first.experiment_id,
    first: first.run_id,
    empty,
    odd,
    hostile: await hostileRun(client, odd),
    long: await longRun(client, odd),
  };
}

async function fillSweep(client: Connection): Promise<Run> {
  const start = (name: string, lr: number) =>
    startRun({ client, experiment: 'sweep', name, params: { lr, epochs: 20, optimizer: 'adam' } });
  const first = start('first', 0.1);
  await fillFirst(client, first);
  const second = start('second', 0.01);
  second.logMetrics({ 'val/acc': 0.5, loss: 2.5 }, { step: 29 });
  await second.end();
  const third = start('third', 0.001);
  await third.end('FAILED');
  return first;
}

async function fillFirst(client: Connection, run: Run): Promise<void> {
  const { run_id, experiment_id, start_time = 0 } = await run.info();
  await client.setExperimentTag({ experiment_id, key: 'mlflow.note.content', value: 'Which rate is best' });
  run.logHistory(
    Array.from({ length: 30 }, (_, step) => [
      { key: 'loss', value: step === 10 ? Number.NaN : 3 / (step + 1), step, timestamp: start_time + step * 1000 },
      { key: 'val/acc', value: 0.9 - 0.5 / (step + 1), step, timestamp: start_time + step * 1000 },
    ]).flat(),
  );
  run.setTags({ team: 'vision', 'mlflow.note.content': 'The first try\nof several' });
  run.logBytes('{"layers":[64,32],"name":"mlp"}', 'model/config.json');
  run.logBytes(NOTES, 'notes.txt');
  run.logBytes(PNG, 'red.png');
  run.logBytes(Buffer.from([0, 1, 2, 3]), 'weights.bin');
  const { model } = await client.createLoggedModel({ experiment_id, name: 'classifier', source_run_id: run_id });
  await client.artifacts.put(model.info.artifact_uri, 'MLmodel', 'flavors: {}\n');
  await client.finalizeLoggedModel({ model_id: model.info.model_id, status: 'LOGGED_MODEL_READY' });
  await client.logOutputs({ run_id, models: [{ model_id: model.info.model_id, step: 0 }] });
  await run.end();
}

async function hostileRun(client: Connection, experimentId: string): Promise<string> {
  const run = startRun({ client, experimentId, name: HOSTILE, params: { markup: HOSTILE } });
  run.logMetric('i markup i', 1);
  run.setTags({ 'mlflow.note.content': HOSTILE, markup: HOSTILE });
  run.logBytes(`<script>document.title = 'pwned'</script>`, 'page.html');
  run.logBytes(`<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='pwned'"/>`, 'drawing.svg');
  await run.end();
  return run.id();
}

async function longRun(client: Connection, experimentId: string): Promise<string> {
  const run = startRun({ client, experimentId, name: LONG, params: { [LONG]: 'x'.repeat(3000) } });
  run.logMetric(LONG, 1);
  run.logBytes('short', `${'folder-'.repeat(20)}/${'file-'.repeat(30)}.txt`);
  await run.end();
  return run.id();
}

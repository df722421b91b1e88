/** What goes along with a run in Node: where it comes from, how the machine stands, what the program prints. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect } from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';

const run = promisify(execFile);
const SDK = fileURLToPath(new URL('../../client/node/index.ts', import.meta.url));

let server: TestServer;
let client: Connection;
let folder: string;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  folder = await realpath(await mkdtemp(join(tmpdir(), 'mltrack-context-')));
  await build({ entryPoints: [SDK], bundle: true, platform: 'node', format: 'esm', outfile: join(folder, 'sdk.mjs') });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const git = (cwd: string, ...args: string[]) =>
  run('git', ['-c', 'user.name=n', '-c', 'user.email=e@x', ...args], { cwd });

interface Program {
  cwd?: string;
  args?: string[];
  env?: Record<string, string>;
}

/** Runs a script with the SDK, and answers what it printed and the run that it names in its last line. */
async function program(source: string, { cwd = folder, args = [], env = {} }: Program = {}) {
  const file = join(cwd, 'train.mjs');
  await writeFile(file, `import { startRun, withRun, log } from '${join(folder, 'sdk.mjs')}';\n${source}`);
  const { MLFLOW_RUN_CONTEXT: _, ...inherited } = process.env;
  const { stdout, stderr } = await run(process.execPath, [file, ...args], {
    cwd,
    maxBuffer: 1 << 26,
    env: { ...inherited, MLTRACK_TRACKING_URI: server.url, ...env },
  });
  const run_id = /^run ([0-9a-f]{32})$/m.exec(stdout)?.[1] ?? '';
  const { info, data } = (await client.getRun({ run_id })).run;
  const tags = Object.fromEntries((data.tags ?? []).map(({ key, value }) => [key, value]));
  return { stdout, stderr, run_id, info, tags, metrics: data.metrics ?? [] };
}

const SHORT =
  "const run = startRun({ tags: { 'mlflow.source.type': 'JOB' } }); await run.end(); console.log('run', await run.id());";

test('a run says who started it, from which script, package and commit', async () => {
  const project = join(folder, 'project');
  await mkdir(join(project, 'src'), { recursive: true });
  await writeFile(join(project, 'package.json'), '{ "name": "trainer", "version": "1.2.3" }');
  await writeFile(join(project, 'data.txt'), 'one');
  await git(project, 'init', '--quiet', '--initial-branch=feature/a');
  await git(project, 'add', 'data.txt');
  await git(project, 'commit', '--quiet', '-m', 'first');
  await git(project, 'remote', 'add', 'origin', 'https://me:secret@example.com/team/trainer.git');
  const { stdout: commit } = await git(project, 'rev-parse', 'HEAD');
  const cwd = join(project, 'src');
  const args = ['--lr', '0.1', '--api-key', 'abc', '--token=def', 'two words'];
  const clean = await program(SHORT, { cwd, args, env: { MLFLOW_RUN_CONTEXT: '{"team":"vision"}' } });
  expect(clean.info.user_id).toBe(userInfo().username);
  expect(clean.tags).toMatchObject({
    'mlflow.user': userInfo().username,
    'mlflow.source.name': join(cwd, 'train.mjs'),
    'mlflow.source.type': 'JOB',
    'mlflow.source.git.commit': commit.trim(),
    'mlflow.source.git.branch': 'feature/a',
    'mlflow.source.git.repoURL': 'https://example.com/team/trainer.git',
    'mlflow.source.git.dirty': 'false',
    'mltrack.node.version': process.versions.node,
    'mltrack.package.name': 'trainer',
    'mltrack.package.version': '1.2.3',
    team: 'vision',
  });
  expect(clean.tags['mltrack.commandLine']).toMatch(
    /train\.mjs --lr 0\.1 --api-key \*\*\* --token=\*\*\* 'two words'$/,
  );
  await writeFile(join(project, 'data.txt'), 'two');
  await git(project, 'pack-refs', '--all');
  const changed = await program(SHORT, { cwd });
  expect(changed.tags).toMatchObject({
    'mlflow.source.git.commit': commit.trim(),
    'mlflow.source.git.dirty': 'true',
  });
  await git(project, 'worktree', 'add', '--quiet', '--detach', join(folder, 'linked'));
  const linked = await program(SHORT, { cwd: join(folder, 'linked') });
  expect(linked.tags['mlflow.source.git.commit']).toBe(commit.trim());
  expect(linked.tags).not.toHaveProperty('mlflow.source.git.branch');
});

test('outside of a repository, without git and package, a run says the rest; on request it says nothing', async () => {
  const bare = await program(SHORT, { env: { PATH: '/nowhere' } });
  expect(bare.stderr).toBe('');
  expect(bare.tags).toMatchObject({ 'mlflow.source.name': join(folder, 'train.mjs') });
  expect(Object.keys(bare.tags).filter((key) => /git|package/.test(key))).toEqual([]);
  const silent = await program(SHORT.replace('tags:', 'context: false, tags:'));
  expect(
    Object.keys(silent.tags).filter((key) => /^mlflow\.source|^mltrack\.(node|package|command)/.test(key)),
  ).toEqual(['mlflow.source.type']);
});

/** Answers as nvidia-smi does for two GPUs, of which one does not tell its power. */
const NVIDIA_SMI = '#!/bin/sh\necho "0, 37, 1000, 4000, 120.5, 250.00"\necho "1, 0, 0, 4000, [N/A], [N/A]"\n';

test('system metrics come at each interval under MLflow’s names, and hold no process up', async () => {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'nvidia-smi'), NVIDIA_SMI);
  await chmod(join(bin, 'nvidia-smi'), 0o755);
  const wait = 'await new Promise((resolve) => setTimeout(resolve, 1000));';
  /** Until the run has that many readings. */
  const until = (count: number) => `for (let at = 0; at < 150; at++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await run.flush();
    const asked = { run_id: await run.id(), metric_key: 'system/cpu_utilization_percentage' };
    const { metrics = [] } = await run.client.getMetricHistory(asked);
    if (metrics.length >= ${count}) break;
  } await run.end()`;
  const env = { MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: '0.2', PATH: `${bin}${delimiter}${process.env.PATH}` };
  const { metrics, run_id } = await program(SHORT.replace('await run.end()', until(2)), { env });
  const values = Object.fromEntries(metrics.map(({ key, value }) => [key, value]));
  for (const name of [
    'cpu_utilization_percentage',
    'system_memory_usage_megabytes',
    'system_memory_usage_percentage',
    'disk_usage_percentage',
    'disk_usage_megabytes',
    'disk_available_megabytes',
    'process_heap_usage_megabytes',
    'event_loop_utilization_percentage',
  ]) {
    expect(values[`system/${name}`], name).toBeGreaterThanOrEqual(0);
  }
  if (process.platform === 'linux') expect(values['system/network_receive_megabytes']).toBeGreaterThanOrEqual(0);
  expect(values).toMatchObject({
    'system/gpu_0_utilization_percentage': 37,
    'system/gpu_0_memory_usage_megabytes': 1048.6,
    'system/gpu_0_memory_usage_percentage': 25,
    'system/gpu_0_power_usage_watts': 120.5,
    'system/gpu_0_power_usage_percentage': 48.2,
    'system/gpu_1_utilization_percentage': 0,
  });
  expect(values).not.toHaveProperty('system/gpu_1_power_usage_watts');
  const history = await client.getMetricHistory({ run_id, metric_key: 'system/cpu_utilization_percentage' });
  expect(history.metrics?.map(({ step }) => step)).toEqual(history.metrics?.map((_, at) => at));
  expect(history.metrics?.length).toBeGreaterThan(1);
  const again = await program(
    SHORT.replace('tags:', `runId: '${run_id}', tags:`).replace(
      'await run.end()',
      until((history.metrics?.length ?? 0) + 2),
    ),
    { env },
  );
  const more = await client.getMetricHistory({ run_id: again.run_id, metric_key: 'system/cpu_utilization_percentage' });
  expect(more.metrics?.length).toBeGreaterThan((history.metrics?.length ?? 0) + 1);
  expect(more.metrics?.map(({ step }) => step)).toEqual(more.metrics?.map((_, at) => at));
  for (const off of ['systemMetrics: false,', '']) {
    const quiet = await program(
      SHORT.replace('tags:', `${off} tags:`).replace('await run.end()', `${wait} await run.end()`),
      {
        env: { ...env, ...(off === '' && { MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: 'false' }) },
      },
    );
    expect(quiet.metrics).toEqual([]);
  }
}, 120_000);

test('what the program prints is kept on request, within bounds, and still printed', async () => {
  const { stdout, info } = await program(`
    console.log('before');
    const run = startRun({ captureOutput: true });
    console.log('first é');
    console.error('second');
    process.stdout.write('6869', 'hex');
    console.log();
    const line = 'x'.repeat(99_999);
    for (let at = 0; at < 70; at++) console.log(line);
    console.log('last');
    await run.end();
    console.log('after');
    console.log('run', await run.id());
  `);
  expect(stdout).toMatch(/^before\nfirst é\nhi\nx/);
  expect(stdout).toMatch(/last\nafter\nrun/);
  const kept = await (await client.artifacts.get(info.artifact_uri, 'output.log')).text();
  expect(kept).toMatch(/^first é\nsecond\nhi\nx+/);
  expect(kept).toMatch(/x\nlast\n$/);
  expect(kept).toMatch(/\n\[… \d+ bytes left out …\]\n/);
  expect(kept.length).toBeLessThan(6 * 1024 * 1024);
});

test('the run of a failed script has what it printed until then', async () => {
  const { info } = await program(`
    await withRun({ captureOutput: true }, (run) => {
      run.id().then((id) => process.stderr.write('known\\n'));
      console.log('about to fail');
      throw new Error('no');
    }).catch(() => {});
    const last = startRun({ runId: undefined });
    await last.end();
    console.log('run', await last.id());
  `);
  const { runs = [] } = await client.searchRuns({ experiment_ids: [info.experiment_id], filter: "status = 'FAILED'" });
  const kept = await (await client.artifacts.get(runs[0]?.info.artifact_uri ?? '', 'output.log')).text();
  expect(kept).toContain('about to fail\n');
});

/**
 * The same requests, good and bad, to a stock MLflow server and to ours: the same status, error code and message, and bodies that
 * are equal but for ids and times. What differs on purpose is listed in `differences.ts`.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSTALL_TIME } from '../../harness/python.js';
import { startServer, type TestServer } from '../../harness/server.js';
import { difference } from './compare.js';
import { REPLAY_DIFFERENCES, type ReplayDifference } from './differences.js';
import { type MlflowServer, mlflowServer } from './mlflow-server.js';
import { type Replayed, replayRequests } from './requests.js';
import { scenarioRequests } from './scenarios.js';
import { type Answer, ask, makeWorld, type ReplayServer, replayServer } from './server.js';

/** Of what can be wrong with fields, one in so many, always the same: all of it takes minutes. */
const ONE_IN = 12;
const REPLAY_TIME = 300_000;

let folder: string;
let mlflow: MlflowServer;
let mltrack: TestServer;
let judge: ReplayServer;
let ours: ReplayServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-test-'));
  const env = { MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http', MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true' };
  [mlflow, mltrack] = await Promise.all([mlflowServer(folder, env), startServer({ env })]);
  judge = replayServer(mlflow.url, folder);
  ours = replayServer(mltrack.url, mltrack.cwd);
}, INSTALL_TIME);
afterAll(async () => {
  ours?.agent.destroy();
  judge?.agent.destroy();
  await Promise.all([mlflow?.stop(), mltrack?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

describe.sequential('every request is answered as MLflow answers it', () => {
  test(
    'of every endpoint, good ones and what can be wrong with each field',
    async () => {
      const requests = replayRequests((name) => (createHash('sha1').update(name).digest()[0] as number) % ONE_IN === 0);
      expect(requests.length).toBeGreaterThan(600);
      expect(await differing(requests, () => false)).toEqual([]);
    },
    REPLAY_TIME,
  );

  test(
    'one after another, as clients work',
    async () => {
      expect(await differing(scenarioRequests(), (a, b) => a.endpoint !== b.endpoint)).toEqual([]);
    },
    REPLAY_TIME,
  );

  test('but for the listed differences, each of which is there', () => {
    const { agreed, differing, listed } = tally;
    console.log(`agreed ${agreed}, differing ${differing}, listed ${listed}`);
    expect(REPLAY_DIFFERENCES.filter((each) => !tally.used.has(each)).map(({ reason }) => reason)).toEqual([]);
  });
});

const tally = { agreed: 0, differing: 0, listed: 0, worlds: 0, used: new Set<ReplayDifference>() };

/** What is neither the same nor listed, in words. `parts` says between which requests the world is to be made anew. */
async function differing(
  requests: readonly Replayed[],
  parts: (before: Replayed, after: Replayed) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  let before: Replayed | undefined;
  let spent = true;
  for (const [number, request] of requests.entries()) {
    if (spent || (before && parts(before, request))) await newWorld();
    const asked = withNew(request, number);
    const [mine, theirs] = await Promise.all([ask(ours, asked), ask(judge, asked)]);
    const what = difference(mine, theirs, { ours: ours.names, theirs: judge.names });
    const known = what && REPLAY_DIFFERENCES.find((each) => isListed(each, request.name, what, mine, theirs));
    if (known) tally.used.add(known);
    tally[known ? 'listed' : what ? 'differing' : 'agreed']++;
    if (what && !known) found.push(`${request.name}: ${what}\n  ours   ${shown(mine)}\n  MLflow ${shown(theirs)}`);
    spent = SPENDS.test(request.endpoint) && (mine.status === 200 || theirs.status === 200);
    before = request;
  }
  return found;
}

/** Endpoints that take a thing of the world away. */
const SPENDS = /^(delete|renameRegisteredModel)/;

async function newWorld(): Promise<void> {
  tally.worlds++;
  await Promise.all([makeWorld(ours, tally.worlds), makeWorld(judge, tally.worlds)]);
}

function withNew(request: Replayed, number: number): Replayed {
  const { path, body } = request;
  return {
    ...request,
    path: path.replaceAll('$new', `new-${number}`),
    ...(body !== undefined && { body: body.replaceAll('$new', `new-${number}`) }),
  };
}

function isListed(each: ReplayDifference, name: string, what: string, mine: Answer, theirs: Answer): boolean {
  const matches = (pattern: RegExp | undefined, text: string) => pattern?.test(text) ?? true;
  return (
    matches(each.requests, name) &&
    matches(each.what, what) &&
    matches(each.ours, `${mine.status} ${mine.text}`) &&
    matches(each.theirs, `${theirs.status} ${theirs.text}`)
  );
}

const shown = ({ status, text }: Answer) => `${status} ${text.replaceAll(/\s+/g, ' ').slice(0, 300)}`;

/** Rounds of retraining with real trainings: `npm run test:rounds`. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import type { ChampionEntry, RetrainResult } from '../../config/retraining.js';
import { uniformFrom } from '../../workflows/policies/statistics/random.js';
import { freshFolder } from '../activities/data/build.js';
import { type Receiver, startReceiver } from '../activities/webhook/receiver.js';
import { anneal } from '../cli/shells.js';
import { type RunningEngine, startEngine } from '../faults/engine.js';

jest.setTimeout(1_500_000);

const tasks = path.join(packageFolder, 'test/fixtures/tasks');
const bins = ['A', 'B', 'C', 'D'];

/** The bin of a part: letters are what the embedded model can write, so it learns them in some dozens of steps. */
const binOf: Record<string, string> = { washer: 'A', plate: 'B', clip: 'C', gear: 'D' };

/** The records of both short tasks: pictures of one part each, and its bin. */
async function records(): Promise<string[]> {
  const texts = await Promise.all(
    ['bins', 'parts'].map((task) => readFile(path.join(tasks, task, 'records.jsonl'), 'utf8')),
  );
  const all = texts.flatMap((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  return all.map(({ image, answer }, index) =>
    JSON.stringify({ id: `part-${index}`, image, answer: binOf[answer] ?? answer }),
  );
}

/** The recipe, as short as it can be while every step does its work. */
const recipe = {
  onQuestion: 'default',
  prompt: { maximumItems: 20 },
  training: { evaluationItems: 16, evaluationsPerEpoch: 1, shiftPixels: 0, batchSize: 16 },
  sanity: { maximumExamples: 64, epochs: 8, items: 24, ceiling: 0.3, floor: 0.1, probes: { use: false } },
  sweep: { learningRates: [2e-3], epochs: 1, extendAtEdge: false },
  mix: { ratios: [{ business: 1, generic: 1 }], epochs: 2, genericBudget: 0.3 },
  stages: { coarseEpochs: 1, fineEpochs: 1 },
  align: { when: 'off' },
  evaluation: {
    testItems: 120,
    genericItems: 40,
    genericKept: 0.1,
    blindItems: 0,
    parityProbes: 20,
    parityAgreement: 0.9,
  },
};

const says = (words: string) => expect.stringContaining(words);

/** Two points are sure of hundreds of items only; here there are some dozens. */
const margins = { anchorMargin: 0.15, genericMargin: 0.3 };

describe('rounds of retraining with a real trainer', () => {
  let root: string;
  let engine: RunningEngine;
  let connection: Connection;
  let client: Client;
  let receiver: Receiver;
  let lines: string[];
  let rounds = 0;

  beforeAll(async () => {
    root = freshFolder();
    await mkdir(path.join(root, 'bins'));
    lines = await records();
    const task = JSON.parse(await readFile(path.join(tasks, 'bins', 'task.json'), 'utf8'));
    const target = { score: 0.3, formatValidity: 0.8 };
    await writeFile(path.join(root, 'bins', 'task.json'), JSON.stringify({ ...task, target, recipe }));
    receiver = await startReceiver(() => ({ status: 204 }));
    engine = await startEngine(root, { ANNEAL_WEBHOOK_SECRET: 'a key of the test' });
    connection = await Connection.connect({ address: engine.facts.address, connectTimeout: '20s' });
    client = new Client({ connection, namespace: engine.facts.namespace });
  });
  afterAll(async () => {
    await connection?.close();
    engine?.child.kill('SIGINT');
    await engine?.exited;
    await receiver?.stop();
    await rm(root, { recursive: true, force: true });
  });

  async function round(records: string[]): Promise<RetrainResult> {
    await writeFile(path.join(root, 'bins', 'records.jsonl'), `${records.join('\n')}\n`);
    rounds += 1;
    const handle = await client.workflow.start('retrain', {
      workflowId: `retrain-bins-${rounds}`,
      taskQueue: 'anneal-recipe',
      args: [{ task: 'bins', retrain: { ...margins, webhook: { url: receiver.url, allowPrivate: true } } }],
    });
    const result = (await handle.result()) as RetrainResult;
    process.stdout.write(`round ${rounds}: ${result.verdict}. ${result.reason}\n`);
    return result;
  }

  /** Each record gets the answer of another, drawn at random: what a join that went wrong does. */
  function shuffled(records: string[]): string[] {
    const uniform = uniformFrom(7);
    return records.map((line) => {
      const record = JSON.parse(line);
      return JSON.stringify({ ...record, answer: bins[Math.floor(uniform() * bins.length)] });
    });
  }

  const pointer = async (): Promise<ChampionEntry> =>
    JSON.parse(await readFile(path.join(root, '.anneal/champions/bins/champion.json'), 'utf8'));

  it('skips what is unchanged, promotes better data, refuses a poisoned batch, and rolls back', async () => {
    const first = await round(lines.slice(0, 170));
    expect(first).toMatchObject({ verdict: 'first', reason: says('solves the task'), version: 1, webhook: 'told' });

    expect(await round(lines.slice(0, 170))).toMatchObject({ verdict: 'unchanged', version: 1, webhook: null });

    const better = await round(lines.slice(0, 430));
    expect(better).toMatchObject({ verdict: 'promoted', reason: says('nothing else got worse'), version: 2 });
    expect(better.champion?.modelUri).not.toBe(first.champion?.modelUri);

    const poisoned = await round([...lines.slice(0, 430), ...shuffled(lines.slice(430))]);
    expect(poisoned).toMatchObject({
      verdict: 'refused',
      reason: says('labels of the new records look wrong'),
      version: 3,
      champion: better.champion,
    });

    expect((await pointer()).champion).toEqual(better.champion);
    const { code } = await anneal(root, {}, 'champion', 'rollback', 'bins', '--why', 'rehearsed');
    expect(code).toBe(0);
    expect(await pointer()).toMatchObject({ version: 4, verdict: 'rolledBack', champion: first.champion });

    const told = receiver.received.map(({ body }) => JSON.parse(body).type);
    expect(told).toEqual(['retrain.first', 'retrain.promoted', 'retrain.refused']);
  });
});

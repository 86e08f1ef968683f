/** Rounds of retraining on a task that takes minutes: the recipe as short as it can be while every step does its work. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { championsFolder, readHistory } from '../../activities/champions/history.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { taskQueues } from '../../config/queues.js';
import type { ChampionEntry, RetrainResult } from '../../config/retraining.js';
import { startEngine } from '../faults/engine.js';

export const shortTasks = path.join(packageFolder, 'test/fixtures/tasks');

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

/** Two points are sure of hundreds of items only; here there are some dozens. */
const margins = { anchorMargin: 0.15, genericMargin: 0.3 };

export interface Rounds {
  /** A round over these records; resolves at its end. */
  play(records: readonly string[]): Promise<RetrainResult>;
  history(): Promise<ChampionEntry[]>;
  end(): Promise<void>;
}

/** Starts an engine in the project folder, with the short task in it; `retrain` are more settings of the rounds. */
export async function startRounds(root: string, env: NodeJS.ProcessEnv, retrain: object = {}): Promise<Rounds> {
  const folder = path.join(root, 'bins');
  await mkdir(folder, { recursive: true });
  const task = JSON.parse(await readFile(path.join(shortTasks, 'bins', 'task.json'), 'utf8'));
  const target = { score: 0.3, formatValidity: 0.8 };
  await writeFile(path.join(folder, 'task.json'), JSON.stringify({ ...task, target, recipe }));
  const engine = await startEngine(root, env);
  const connection = await Connection.connect({ address: engine.facts.address, connectTimeout: '20s' });
  const client = new Client({ connection, namespace: engine.facts.namespace });
  let rounds = 0;
  return {
    async play(records) {
      await writeFile(path.join(folder, 'records.jsonl'), `${records.join('\n')}\n`);
      rounds += 1;
      const handle = await client.workflow.start('retrain', {
        workflowId: `retrain-bins-${rounds}`,
        taskQueue: taskQueues.recipe,
        args: [{ task: 'bins', retrain: { ...margins, ...retrain } }],
      });
      const result: RetrainResult = await handle.result();
      process.stderr.write(`round ${rounds}: ${result.verdict}. ${result.reason}\n`);
      return result;
    },
    history: () => readHistory(path.join(championsFolder(path.join(root, '.anneal')), 'bins')),
    async end() {
      await connection.close();
      engine.child.kill('SIGINT');
      await engine.exited;
    },
  };
}

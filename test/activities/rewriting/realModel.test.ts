import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from '@jest/globals';
import { endLocalProcesses } from '../../../activities/processes/living.js';
import { createServingActivities } from '../../../activities/serving/index.js';
import { toPath, toUri } from '../../../activities/storage/files.js';
import { freshFolder, removeFreshFolders } from '../data/build.js';
import { depsOf } from '../training/standIn.js';
import { buildDataset, planOf, rewriteDataset, writeTask } from './builders.js';

const model = fileURLToPath(new URL('../../../trainer/tiny_vlm/model', import.meta.url));
const root = freshFolder();

afterAll(async () => {
  await endLocalProcesses(root, 'kill');
  removeFreshFolders();
});

it('has the embedded model answer a dozen pictures, killed on the way, and pays no answer twice', async () => {
  await writeTask(
    root,
    Array.from({ length: 12 }, (_, index) => ({ id: `r${index}`, question: 'Caption this image.', answer: null })),
  );
  const serving = createServingActivities(depsOf().deps);
  const endpoint = await serving.startServing({ key: 'tiny', model, folder: toUri(path.join(root, 'serving')) });
  const wanted = {
    purpose: 'answer' as const,
    endpoint,
    concurrency: 2,
    runs: 2,
    decoding: { temperature: 0.7, maximumTokens: 24 },
  };
  const plan = planOf({ root, baseUrl: endpoint.baseUrl, plan: wanted });
  const { uri: dataset } = await buildDataset({ root });

  const argument = JSON.stringify({ plan, dataset });
  const worker = spawn(process.execPath, ['--import', 'tsx', 'test/activities/rewriting/child.ts', argument], {
    stdio: 'inherit',
    env: { PATH: process.env['PATH'] },
  });
  while ((await stored(plan.store)).answered.length < 5) await new Promise((resolve) => setTimeout(resolve, 20));
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  const killed = await stored(plan.store);
  const inFlight = killed.asked - killed.answered.length;
  expect(inFlight).toBeLessThanOrEqual(2);

  const { counts } = await rewriteDataset(plan, dataset);
  const { answered } = await stored(plan.store);
  expect(new Set(answered).size).toBe(24);
  expect(answered).toHaveLength(24);
  expect(counts.calls).toMatchObject({ asked: 24 + inFlight, answered: 24, unanswered: 0, lost: inFlight });
  const fates = Object.values(counts.fates).reduce((sum, count) => sum + count, 0);
  expect(counts).toMatchObject({ read: 12, notConcerned: 0 });
  expect(fates).toBe(12);
}, 300_000);

/** Calls that were begun, and the key of each answer. */
async function stored(store: string): Promise<{ asked: number; answered: string[] }> {
  const names = await readdir(toPath(store)).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(path.join(toPath(store), name), 'utf8')));
  const whole = texts.flatMap((text) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  );
  return {
    asked: whole.filter((line) => 'asked' in line).length,
    answered: whole.flatMap((line) => ('given' in line ? [line.key] : [])),
  };
}

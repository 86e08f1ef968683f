/** The real thing: worker processes of their own on a Temporal dev server, the fake endpoint, and the embedded model. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endLocalProcesses } from '../../activities/processes/living.js';
import { toPath } from '../../activities/storage/files.js';
import { makePictures } from '../../bench/lib/captionPictures.js';
import { type CaptionRunWish, killAt, runWorkflow } from '../../bench/lib/captionRuns.js';
import { type FakeEndpoint, startFake } from '../../bench/lib/fakeOpenai/process.js';
import { misbehaving } from '../../bench/lib/fakeOpenai/script.js';
import { startWorkers, type WorkerProcesses } from '../../bench/lib/workerProcesses.js';
import type { CaptionResult } from '../../config/captioning.js';
import { taskQueues } from '../../config/queues.js';
import { TaskRecord } from '../../config/records.js';
import { readLines } from '../activities/captions/builders.js';
import { python } from '../activities/tinyModel.js';

let root: string;
let at: WorkerProcesses;
let fake: FakeEndpoint;

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'anneal-captioning-')));
  const temporalCli = process.env['ANNEAL_TEMPORAL_CLI'];
  at = await startWorkers({ root, kinds: ['recipe', 'data', 'vlm', 'gpu'], python, temporalCli });
  fake = await startFake({
    rules: misbehaving.map((rule) => ({ ...rule, perMille: 5 * rule.perMille })),
    milliseconds: 10,
  });
}, 180_000);

afterAll(async () => {
  await at.stop();
  await fake.stop();
  await endLocalProcesses(root, 'kill');
  await rm(root, { recursive: true, force: true });
});

async function wishOf(name: string, count: number): Promise<CaptionRunWish> {
  const pictures = path.join(root, name);
  await makePictures(pictures, count, 24);
  return {
    fake,
    pictures,
    count,
    concurrency: 8,
    windowsAtOnce: 2,
    windowSize: 100,
    into: path.join(root, '.anneal'),
    name,
  };
}

describe('captionImages on real workers', () => {
  it('pays for nothing twice that was received, although its worker is killed with -9, and accounts for every picture', async () => {
    const wish = await wishOf('killed', 600);
    const { result, counts } = await runWorkflow(at, wish, () => killAt(at, wish, [0.4]));
    const { listed, used, rejected } = result.counts;
    expect([listed, used + rejected]).toEqual([600, 600]);
    expect(used).toBeGreaterThan(500);
    expect(result.calls.received).toBe(600);
    const again = Object.values(counts.paidAgain).reduce((sum, times) => sum + times - 1, 0);
    expect(again).toBeLessThanOrEqual(result.calls.interrupted);
    expect(result.calls.interrupted).toBeLessThanOrEqual(wish.concurrency);

    const { counts: after, result: second } = await runWorkflow(at, { ...wish, windowSize: 250, name: 'killed-again' });
    expect(after.calls).toBe(0);
    expect(second.calls).toMatchObject({ received: 0, reused: 600 });
    expect(second.counts).toEqual(result.counts);
  }, 240_000);

  it('makes a dataset whose records are whole, each with its picture', async () => {
    const { result } = await runWorkflow(at, await wishOf('whole', 60));
    const folder = toPath(result.dataset?.uri ?? '');
    const records = (await readLines(path.join(folder, 'train.jsonl'))).map((line) => TaskRecord.parse(line));
    expect(result.dataset).toMatchObject({ used: result.counts.used, rejected: 0 });
    expect(records.length).toBeGreaterThan(20);
    expect(records.every(({ images }) => /^images\/[0-9a-f]{2}\/[0-9a-f]{64}\.png$/.test(images[0] ?? ''))).toBe(true);
  }, 120_000);

  it('captions pictures by the embedded model, which it serves meanwhile', async () => {
    const { pictures } = await wishOf('real', 24);
    const filters = { minimumWords: 1, repeatedWords: 0, duplicates: false };
    const input = { images: pictures, model: 'tiny', decoding: { maximumTokens: 16 }, filters, name: 'real' };
    const handle = await at.client.workflow.start('captionImages', {
      workflowId: 'caption-real',
      taskQueue: taskQueues.recipe,
      args: [input],
    });
    const result = (await handle.result()) as CaptionResult;
    expect(result.calls).toMatchObject({ received: 24, interrupted: 0 });
    expect(result.calls.completionTokens).toBeGreaterThan(24);
    expect(result.counts).toMatchObject({ listed: 24, waiting: 0 });
  }, 240_000);
});

/** Rounds of retraining with real trainings: `npm run test:rounds`. */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import type { ChampionEntry } from '../../config/retraining.js';
import { uniformFrom } from '../../workflows/policies/statistics/random.js';
import { freshFolder } from '../activities/data/build.js';
import { type Receiver, startReceiver } from '../activities/webhook/receiver.js';
import { anneal } from '../cli/shells.js';
import { type Rounds, shortTasks, startRounds } from './shortTask.js';

jest.setTimeout(1_500_000);

const bins = ['A', 'B', 'C', 'D'];

/** The bin of a part: letters are what the embedded model can write, so it learns them in some dozens of steps. */
const binOf: Record<string, string> = { washer: 'A', plate: 'B', clip: 'C', gear: 'D' };

/** The records of both short tasks: pictures of one part each, and its bin. */
async function records(): Promise<string[]> {
  const texts = await Promise.all(
    ['bins', 'parts'].map((task) => readFile(path.join(shortTasks, task, 'records.jsonl'), 'utf8')),
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

const says = (words: string) => expect.stringContaining(words);

describe('rounds of retraining with a real trainer', () => {
  let root: string;
  let rounds: Rounds;
  let receiver: Receiver;
  let lines: string[];

  beforeAll(async () => {
    root = freshFolder();
    lines = await records();
    receiver = await startReceiver(() => ({ status: 204 }));
    const webhook = { url: receiver.url, allowPrivate: true };
    rounds = await startRounds(root, { ANNEAL_WEBHOOK_SECRET: 'a key of the test' }, { webhook });
  });
  afterAll(async () => {
    await rounds?.end();
    await receiver?.stop();
    await rm(root, { recursive: true, force: true });
  });

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
    const first = await rounds.play(lines.slice(0, 170));
    expect(first).toMatchObject({ verdict: 'first', reason: says('solves the task'), version: 1, webhook: 'told' });

    expect(await rounds.play(lines.slice(0, 170))).toMatchObject({ verdict: 'unchanged', version: 1, webhook: null });

    const better = await rounds.play(lines.slice(0, 430));
    expect(better).toMatchObject({ verdict: 'promoted', reason: says('nothing else got worse'), version: 2 });
    expect(better.champion?.modelUri).not.toBe(first.champion?.modelUri);

    const poisoned = await rounds.play([...lines.slice(0, 430), ...shuffled(lines.slice(430))]);
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

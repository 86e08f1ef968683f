import path from 'node:path';
import { holdContest } from '../../../activities/evaluation/contest.js';
import { toUri, writeWhole } from '../../../activities/storage/files.js';
import type { AnswerRow } from '../../../config/evaluation.js';
import { promotionDefaults } from '../../../workflows/policies/retraining/promotion.js';
import { freshFolder, removeFreshFolders } from '../data/build.js';

afterAll(removeFreshFolders);

const limits = { ...promotionDefaults, round: 1, formatValidity: 0.9 };

/** Answers to n items, of which the first are right. */
async function answers(name: string, n: number, right: number, change: Partial<AnswerRow> = {}): Promise<string> {
  const rows = Array.from({ length: n }, (_, index) => ({
    id: `i${index}`,
    group: `g${index}`,
    slice: index % 2 ? 'odd' : 'even',
    question: 'q',
    image: null,
    expected: 'a',
    given: 'a',
    outcome: 'answered',
    reason: null,
    valid: true,
    score: index < right ? 1 : 0,
    repaired: 0,
    promptTokens: 1,
    completionTokens: 1,
    milliseconds: 1,
    ...change,
  }));
  const file = path.join(freshFolder(), `${name}.jsonl`);
  await writeWhole(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return toUri(file);
}

async function sides(champion: number, challenger: number, n = 100) {
  return { champion: await answers('champion', n, champion), challenger: await answers('challenger', n, challenger) };
}

describe('holdContest', () => {
  it('promotes what surely gains on new items and loses nothing on the frozen test', async () => {
    const input = { window: await sides(60, 90), anchor: await sides(90, 92), generic: await sides(100, 100, 200) };
    const { verdict, evidence } = await holdContest({ ...input, anchorOfBest: null, limits });
    expect(verdict).toBe('promote');
    expect(evidence).toMatchObject({ windowItems: 100, windowGain: 0.3, anchorOfBestLower: null });
  });

  it.each([
    ['no sure gain', [80, 82], [90, 90], [50, 50], 'no sure gain'],
    ['a loss on the frozen test', [60, 90], [90, 75], [50, 50], 'the frozen test may be worse'],
    ['a loss of general ability', [60, 90], [90, 90], [50, 30], 'general ability may be worse'],
  ] as const)('keeps the champion with %s', async (_, window, anchor, generic, says) => {
    const { verdict, reason } = await holdContest({
      window: await sides(...(window as unknown as [number, number])),
      anchor: await sides(...(anchor as unknown as [number, number])),
      generic: await sides(...(generic as unknown as [number, number])),
      anchorOfBest: null,
      limits,
    });
    expect({ verdict, reason }).toEqual({ verdict: 'keep', reason: expect.stringContaining(says) });
  });

  it('lets the challenger meet the best champion there was', async () => {
    const { reason } = await holdContest({
      window: await sides(60, 90),
      anchor: await sides(75, 75),
      generic: null,
      anchorOfBest: await answers('best', 100, 95),
      limits,
    });
    expect(reason).toContain('against the best champion so far');
  });

  it('counts answers of the wrong form, and slices', async () => {
    const invalid = await answers('invalid', 100, 90, { valid: false });
    const sliced = { champion: await answers('a', 100, 100), challenger: await answers('b', 100, 60) };
    const { reason } = await holdContest({
      window: { champion: await answers('c', 100, 10), challenger: invalid },
      anchor: sliced,
      generic: null,
      anchorOfBest: null,
      limits: { ...limits, sliceItems: 40 },
    });
    expect(reason).toContain('surely have the wanted form');
  });

  it('tells nothing where a model got no answer to many', async () => {
    const lost = await answers('lost', 10, 0, { outcome: 'excluded', given: null });
    const anchor = { champion: await answers('a', 100, 90), challenger: await answers('b', 100, 90) };
    const window = { champion: lost, challenger: lost };
    expect(await holdContest({ window, anchor, generic: null, anchorOfBest: null, limits })).toMatchObject({
      verdict: 'cannotTell',
      reason: expect.stringContaining('10 of 110 items'),
    });
  });
});

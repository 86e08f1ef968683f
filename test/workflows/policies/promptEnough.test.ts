import fc from 'fast-check';
import { datasetGate } from '../../../workflows/policies/datasetGate.js';
import { promptEnough } from '../../../workflows/policies/promptEnough.js';
import { promptFailure } from '../../../workflows/policies/promptFailure.js';
import { summariseAnswers } from '../../../workflows/policies/scoring/summary.js';
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';
import { caseRows, evaluationOf, rowOf, shareOf } from './builders.js';

const target = { score: 0.9, formatValidity: 0.99 };
const about = { name: 'test', answersUri: 'file:///a.jsonl', decodingDigest: 'd', seconds: 3 };

describe('promptEnough (R1, methods M1)', () => {
  it('passes only when the lower bound reaches the target', () => {
    expect(promptEnough(evaluationOf({ score: shareOf(390, 400) }), target).verdict).toBe('promptEnough');
    expect(promptEnough(evaluationOf({ score: shareOf(366, 400) }), target).verdict).toBe('cannotTell');
    expect(promptEnough(evaluationOf({ score: shareOf(100, 400) }), target).verdict).toBe('notEnough');
  });

  it('does not pass 20 right of 20 at a target of .95, and says what would settle it', () => {
    const decision = promptEnough(evaluationOf({ score: shareOf(20, 20) }), { ...target, score: 0.95 });
    expect(decision.verdict).toBe('cannotTell');
    expect(decision.settles).toMatch(/more held-out items/);
  });

  it('gives no verdict when more than 2 % of the items got no answer, or below 10 groups', () => {
    expect(promptEnough(evaluationOf({ score: shareOf(390, 400), excluded: 9 }), target).verdict).toBe('cannotTell');
    expect(promptEnough(evaluationOf({ score: shareOf(390, 400), excluded: 8 }), target).verdict).toBe('promptEnough');
    expect(promptEnough(evaluationOf({ score: shareOf(9, 9) }), target).verdict).toBe('cannotTell');
    expect(promptEnough(evaluationOf({ score: shareOf(0, 0) }), target).verdict).toBe('cannotTell');
  });

  it('wants the form too, and no slice far below the target', () => {
    const score = shareOf(390, 400);
    expect(promptEnough(evaluationOf({ score, validity: shareOf(385, 400) }), target).verdict).toBe('notEnough');
    expect(promptEnough(evaluationOf({ score, validity: shareOf(398, 400) }), target).verdict).toBe('cannotTell');
    expect(promptEnough(evaluationOf({ score, bySlice: { blurred: shareOf(15, 30) } }), target)).toMatchObject({
      verdict: 'notEnough',
      evidence: { failingSlice: 'blurred' },
    });
    expect(promptEnough(evaluationOf({ score, bySlice: { few: shareOf(5, 29) } }), target).verdict).toBe(
      'promptEnough',
    );
  });

  it('calls a model that always answers "ok" a failure at 96 % (case 24)', () => {
    const labels = caseRows<{ id: string; answer: string }>('24-class-imbalance/train.jsonl.gz');
    const rows = labels.map(({ id, answer }) =>
      rowOf({ id, expected: answer, given: 'ok', score: answer === 'ok' ? 1 : 0 }),
    );
    const decision = promptEnough(summariseAnswers(rows, about), target);
    expect(decision.verdict).toBe('notEnough');
    expect(decision.reason).toContain('by class');
  });

  it('cannot tell when only the one example of a rare class is wrong', () => {
    const labels = caseRows<{ id: string; answer: string }>('24-class-imbalance/train.jsonl.gz');
    const rows = labels.map(({ id, answer }) => rowOf({ id, expected: answer, score: answer === 'crack' ? 0 : 1 }));
    expect(promptEnough(summariseAnswers(rows, about), target).verdict).toBe('cannotTell');
  });

  it('never gets worse when more answers are right', () => {
    const rank = { notEnough: 0, cannotTell: 1, promptEnough: 2 };
    fc.assert(
      fc.property(fc.nat(399), fc.nat(400), (right, more) => {
        const after = Math.min(400, right + more);
        const [low, high] = [right, after].map(
          (n) => rank[promptEnough(evaluationOf({ score: shareOf(n, 400) }), target).verdict],
        );
        expect(high).toBeGreaterThanOrEqual(low ?? 0);
      }),
      { numRuns: 40 },
    );
  });

  it('is total over figures that are no numbers', () => {
    const broken = { mean: Number.NaN, lower: Number.NaN, upper: Number.NaN, n: 50, groups: 50 };
    const decision = promptEnough(evaluationOf({ score: broken }), target);
    expect(decision.verdict).toBe('cannotTell');
    expect(JSON.stringify(decision)).not.toContain('NaN');
    expect(promptFailure(evaluationOf({ score: broken }), target).verdict).toBe('unclear');
  });
});

describe('promptFailure (R2, methods M2)', () => {
  const poor = shareOf(200, 400);

  it.each([
    ['harness', { score: poor, cut: 20 }],
    ['harness', { score: poor, refused: 30 }],
    ['harness', { score: shareOf(0, 0), asked: 40, excluded: 40 }],
    ['formatUnstable', { score: poor, validity: shareOf(220, 400), repaired: 0.95 }],
    ['formatWrong', { score: shareOf(10, 400), validity: shareOf(20, 400), repaired: 0.1 }],
    ['partlyCovered', { score: poor, bySlice: { sharp: shareOf(190, 200), blurred: shareOf(10, 200) } }],
    ['capabilityMissing', { score: shareOf(50, 400), majorityBaseline: 0.1 }],
    ['unclear', { score: shareOf(250, 400) }],
    ['unclear', { score: shareOf(0, 0) }],
  ] as const)('says %s', (verdict, figures) => {
    expect(promptFailure(evaluationOf(figures), target).verdict).toBe(verdict);
  });

  it('names two causes when there are two', () => {
    const both = evaluationOf({ score: shareOf(30, 400), validity: shareOf(30, 400), repaired: 0.1 });
    expect(promptFailure(both, target)).toMatchObject({
      verdict: 'formatWrong',
      evidence: { also: 'capabilityMissing' },
    });
  });

  it('names a slice of right and wrong at random in at most 5 % of runs', () => {
    let named = 0;
    for (let run = 0; run < 200; run++) {
      const random = uniformFrom(run + 11);
      const rows = Array.from({ length: 300 }, (_, i) =>
        rowOf({ id: `i${i}`, slice: `s${i % 6}`, expected: `${i % 10}`, score: random() < 0.6 ? 1 : 0 }),
      );
      if (promptFailure(summariseAnswers(rows, about), target).verdict === 'partlyCovered') named += 1;
    }
    expect(named / 200).toBeLessThanOrEqual(0.05);
  });

  it('never names a slice of fewer than 20', () => {
    const few = evaluationOf({ score: shareOf(300, 400), bySlice: { few: shareOf(0, 19) } });
    expect(promptFailure(few, target).verdict).toBe('unclear');
  });
});

describe('datasetGate (R4)', () => {
  const limits = { maximumRejected: 0.01, minimumTrain: 20, minimumTest: 20, leastOfStage: 50 };
  const dataset = {
    uri: 'file:///d',
    digest: 'd',
    read: 1000,
    used: 1000,
    merged: 0,
    rejected: 0,
    bySplit: { train: 600, dev: 50, validation: 100, test: 250 },
    largestShare: 0.1,
    notes: [],
    questions: [],
  };

  it('takes clean data, and merged duplicates are no reason to ask', () => {
    expect(datasetGate(dataset, limits).verdict).toBe('good');
    expect(datasetGate({ ...dataset, used: 600, merged: 400 }, limits).verdict).toBe('good');
  });

  it('asks a person when too much was rejected or the data raises a question', () => {
    expect(datasetGate({ ...dataset, rejected: 11, used: 989 }, limits).verdict).toBe('askPerson');
    expect(datasetGate({ ...dataset, questions: ['Are these the same?'] }, limits)).toMatchObject({
      verdict: 'askPerson',
      reason: 'Are these the same?',
    });
  });

  it('refuses a stage of high quality that has too few records', () => {
    const stages = [
      { least: 0.7, records: 500 },
      { least: 0.95, records: 49 },
    ];
    expect(datasetGate({ ...dataset, ofQuality: stages.slice(0, 1) }, limits).verdict).toBe('good');
    const { verdict, reason } = datasetGate({ ...dataset, ofQuality: stages }, limits);
    expect(verdict).toBe('refuse');
    expect(reason).toMatch(/^Only 49 of 600 training records have the quality 0\.95 .* at least 50/);
  });

  it('refuses data that is empty or too small to train or test on', () => {
    expect(datasetGate({ ...dataset, read: 0, used: 0 }, limits).verdict).toBe('refuse');
    expect(datasetGate({ ...dataset, bySplit: { ...dataset.bySplit, train: 19 } }, limits).verdict).toBe('refuse');
    expect(datasetGate({ ...dataset, bySplit: { ...dataset.bySplit, test: 3 }, rejected: 500 }, limits).verdict).toBe(
      'refuse',
    );
  });
});

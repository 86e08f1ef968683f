import { describe, expect, it } from '@jest/globals';
import { judgeTrained } from '../../../../workflows/policies/sanity/judge.js';
import { type Trained, trainedCause } from '../../../../workflows/policies/sanity/trained.js';
import { itemsOf, overfitOf, recordsOf, trainedFigures } from './builders.js';

const flat = [1, 0.9, 0.89, 0.89, 0.9];

const sound: Trained = {
  probes: trainedFigures(),
  records: recordsOf(),
  losses: flat,
  overfitLoss: 0.02,
  chance: 0.25,
};

function causeOf(change: Partial<Trained>) {
  return trainedCause({ ...sound, ...change });
}

const withItems = (...of: Parameters<typeof itemsOf>) => ({ probes: trainedFigures({ items: itemsOf(...of) }) });
const blurred = { side: 128, tokens: 16, contrast: 30, sharpness: 40 };

describe('trainedCause', () => {
  it.each<[string, string, Partial<Trained>]>([
    [
      'answers that are right teacher-forced and wrong as served',
      'framework:serving',
      withItems(0, 32, () => ({ exact: true, generated: 'red' })),
    ],
    [
      'a server that says something else',
      'framework:serving',
      withItems(0, 32, ({ id }) => ({ generated: id.endsWith('1') || id.endsWith('2') ? 'green' : 'blue' })),
    ],
    [
      'a low loss without right answers',
      'framework:serving',
      { probes: trainedFigures({ overfit: [overfitOf(1, 0.001, 2)] }) },
    ],
    [
      'a rate that is too low',
      'framework:learningRate',
      { probes: trainedFigures({ overfit: [overfitOf(1, 2), overfitOf(0.1, 3), overfitOf(10, 0.01)] }) },
    ],
    [
      'eight records that no rate learns',
      'framework:optimisation',
      { probes: trainedFigures({ overfit: [overfitOf(1, 2), overfitOf(0.1, 3), overfitOf(10, null)] }) },
    ],
    ['contradictions', 'data:conflicts', { records: recordsOf({ conflicts: { wrong: 50, right: 40, ids: ['a'] } }) }],
    [
      'answers cut off',
      'data:truncatedAnswers',
      { records: recordsOf({ truncated: { wrong: 40, right: 2, rows: 15, ids: ['a'] } }) },
    ],
    [
      'answers of the neighbour',
      'data:wrongImage',
      {
        records: recordsOf({
          neighbour: { tested: 60, fits: 50, expected: 12, deviation: 3, side: 'after', ids: ['a'] },
        }),
      },
    ],
    [
      'a block of wrong ones',
      'data:wrongImage',
      { records: recordsOf({ run: { longest: 30, chance: 1e-12, ids: ['a'] } }) },
    ],
    [
      'blurred pictures',
      'data:unreadable',
      withItems(16, 16, ({ score }) => (score === 0 ? { picture: blurred } : {})),
    ],
    [
      'blurred pictures of which some are learnt by heart',
      'data:unreadable',
      withItems(16, 16, ({ id, score }) => (score === 0 || id === 'r0' || id === 'r1' ? { picture: blurred } : {})),
    ],
    [
      'pictures that do not matter',
      'data:imageNotNeeded',
      withItems(24, 8, ({ exact }) => ({ shuffled: { loss: 0.1, exact }, blank: { loss: 0.1, exact } })),
    ],
    ['a loss that still falls', 'moreEpochs', { losses: [3, 2, 1.5, 1.2, 1] }],
  ])('names %s', (_, verdict, change) => {
    expect(causeOf(change)?.verdict).toBe(verdict);
  });

  it.each<[string, Partial<Trained>]>([
    ['nothing is amiss', {}],
    ['no probe was taken', { probes: null, records: null, losses: [] }],
    ['all figures are missing', { probes: trainedFigures({ items: [], overfit: [] }), losses: [Number.NaN] }],
    ['wrong records are blurred no more than right ones', withItems(16, 16, () => ({ picture: blurred }))],
    [
      'wrong and right ones are contradicted alike',
      { records: recordsOf({ conflicts: { wrong: 36, right: 84, ids: [] } }) },
    ],
    ['the model knows nothing, with any picture', withItems(2, 30, () => ({ shuffled: { loss: 3, exact: false } }))],
    [
      'two records are wrong and both contradicted',
      { records: recordsOf({ wrong: 2, conflicts: { wrong: 2, right: 0, ids: [] } }) },
    ],
    [
      'a sequence: both neighbours fit alike',
      {
        records: recordsOf({
          neighbour: { tested: 60, fits: 50, otherFits: 48, expected: 12, deviation: 3, side: 'after', ids: [] },
        }),
      },
    ],
    [
      'neighbours fit as often as others',
      {
        records: recordsOf({
          neighbour: { tested: 60, fits: 16, expected: 12, deviation: 3, side: 'before', ids: [] },
        }),
      },
    ],
  ])('names none when %s', (_, change) => {
    expect(causeOf(change)).toBeNull();
  });

  it('looks at the framework before the data, and says what to do', () => {
    const both = causeOf({
      probes: trainedFigures({ overfit: [overfitOf(1, 2), overfitOf(10, 0.01)] }),
      records: recordsOf({ conflicts: { wrong: 60, right: 0, ids: ['a'] } }),
    });
    expect(both).toMatchObject({ verdict: 'framework:learningRate', evidence: { works: 0.01 } });
    expect(both?.reason).toContain('training.learningRate');
  });
});

describe('judgeTrained', () => {
  const score = (verdict: string) => ({ verdict, reason: 'The score.', evidence: { score: 0.5 } });
  const conflicts = recordsOf({ conflicts: { wrong: 50, right: 40, ids: ['a'] } });
  const off = recordsOf({ neighbour: { ...recordsOf().neighbour, tested: 60, fits: 55, expected: 10, deviation: 3 } });

  it('names the cause after what the score says, or says that there is none', () => {
    expect(judgeTrained(score('cannotRepeat'), { ...sound, records: conflicts })).toMatchObject({
      verdict: 'data:conflicts',
      reason: expect.stringMatching(/^The score\. /),
      evidence: { score: 0.5 },
    });
    const unnamed = judgeTrained(score('cannotRepeat'), sound);
    expect(unnamed).toMatchObject({ verdict: 'cannotRepeat', reason: 'The score. No probe names the cause.' });
  });

  it('of a set that is repeated looks for pictures off by one alone', () => {
    expect(judgeTrained(score('canRepeat'), { ...sound, records: conflicts })).toEqual(score('canRepeat'));
    expect(judgeTrained(score('canRepeat'), { ...sound, probes: null, records: off }).verdict).toBe('data:wrongImage');
  });
});

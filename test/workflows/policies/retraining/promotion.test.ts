import {
  alphaOfRound,
  type Contest,
  promotion,
  promotionDefaults,
} from '../../../../workflows/policies/retraining/promotion.js';
import { shareOf } from '../builders.js';

const limits = { ...promotionDefaults, round: 1, formatValidity: 0.9 };

/** Pairs of n items: so many gained, so many lost, half of the others right in both. */
function pairs(n: number, gained: number, lost: number, prefix = 'g') {
  return Array.from({ length: n }, (_, index) => {
    const same = index % 2;
    const [before, after] = index < gained ? [0, 1] : index < gained + lost ? [1, 0] : [same, same];
    return { group: `${prefix}${index}`, before, after };
  });
}

const contest = (change: Partial<Contest> = {}): Contest => ({
  window: pairs(300, 30, 5),
  anchor: pairs(400, 12, 10),
  anchorOfBest: [],
  generic: pairs(400, 4, 4),
  slices: {},
  validity: shareOf(300, 300),
  cost: null,
  ...change,
});

describe('promotion (methods M13)', () => {
  it('promotes a sure gain that costs nothing else', () => {
    const { verdict, evidence } = promotion(contest(), limits);
    expect(verdict).toBe('promote');
    expect(evidence).toMatchObject({ windowGain: 25 / 300, windowItems: 300, genericGain: 0, round: 1 });
  });

  it('keeps the champion where the gain may be chance', () =>
    expect(promotion(contest({ window: pairs(300, 10, 8) }), limits)).toMatchObject({
      verdict: 'keep',
      reason: expect.stringContaining('no sure gain'),
    }));

  it('promotes what is surely as good for less, and only then', () => {
    const equal = pairs(3000, 10, 10);
    const cost = { champion: 2, challenger: 1 };
    expect(promotion(contest({ window: equal, cost }), limits).verdict).toBe('promote');
    expect(promotion(contest({ window: equal, cost: { champion: 1, challenger: 2 } }), limits).verdict).toBe('keep');
    expect(promotion(contest({ window: pairs(100, 5, 5), cost }), limits).verdict).toBe('keep');
  });

  it.each([
    ['the frozen test', { anchor: pairs(400, 0, 12) }, 'the frozen test may be worse'],
    ['the best champion there was', { anchorOfBest: pairs(400, 0, 12) }, 'against the best champion so far'],
    ['general ability', { generic: pairs(400, 0, 12) }, 'general ability may be worse'],
    ['the form of answers', { validity: shareOf(260, 300) }, 'have the wanted form'],
    [
      'a slice',
      { slices: { handwritten: pairs(80, 0, 14), printed: pairs(200, 20, 0) } },
      'slice "handwritten" is -17.5',
    ],
  ])('keeps the champion when %s suffers', (_, change, says) => {
    const { verdict, reason } = promotion(contest(change), limits);
    expect(verdict).toBe('keep');
    expect(reason).toContain(says);
  });

  it('blames no slice that is small, or bad by chance', () => {
    const slices = { few: pairs(30, 0, 20), chance: pairs(100, 6, 12) };
    expect(promotion(contest({ slices }), limits).verdict).toBe('promote');
  });

  it('cannot tell without new labels, and the champion stays', () => {
    const found = promotion(contest({ window: [] }), limits);
    expect(found.verdict).toBe('cannotTell');
    expect(found.settles).toContain('10 groups');
    expect(promotion(contest({ window: pairs(9, 9, 0) }), limits).verdict).toBe('cannotTell');
  });

  it('asks for more with each round, and spends no more than alpha in all', () => {
    const window = pairs(300, 24, 9);
    expect(promotion(contest({ window }), limits).verdict).toBe('promote');
    expect(promotion(contest({ window }), { ...limits, round: 12 }).verdict).toBe('keep');
    const spent = Array.from({ length: 1000 }, (_, index) => alphaOfRound(0.05, index + 1)).reduce((a, b) => a + b);
    expect(spent).toBeLessThan(0.05);
    expect(spent).toBeGreaterThan(0.0499);
  });
});
